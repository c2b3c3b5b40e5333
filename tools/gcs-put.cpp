// gcs-put - upload files to Cloud Storage, each once, and verify them
//
//   gcs-put --bucket team-datasets --prefix mtg/v1 training/output/v1/*
//
// An object is only ever created: one that exists with the same size and
// CRC32C is done already, one with other content is exit status 73. Standard
// output has one JSON object for each file that is there, in the order of the
// operands. What goes wrong with one file does not stop the others.

#include <stdio.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "lib/cli.h"
#include "lib/json_writer.h"
#include "lib/net/gcs.h"
#include "lib/net/google_auth.h"
#include "lib/net/session.h"
#include "lib/net/upload_file.h"

namespace {

struct Options {
  std::string bucket;
  std::string prefix;
  std::uint64_t jobs = 4;
  bool is_dry_run = false;
  std::optional<std::string> resume_dir;
  mill::ByteCount chunk_size{32 << 20};
  mill::SessionOptions session;
  std::vector<std::string> files;

  void define(mill::CommandLine& line);
  void check() const;  // throws Exit(EX_USAGE)
};

void Options::define(mill::CommandLine& line) {
  line.option("bucket", "B", "the bucket to put them in (required)", &bucket);
  line.option("prefix", "P",
              "what objects' names begin with: FILE d/a.jsonl becomes "
              "gs://B/P/a.jsonl",
              &prefix);
  line.option("j,jobs", "N", "files at a time", &jobs);
  line.flag("n,dry-run",
            "say what would be done, and write nothing; reads the metadata of "
            "the objects that have these names",
            &is_dry_run);
  line.option("resume-dir", "D",
              "keep the sessions of uploads under way in folder D, so that a "
              "run that was killed goes on where it stopped",
              &resume_dir);
  line.option("chunk-size", "SIZE",
              "send a file larger than this or 8M in chunks of so many bytes, "
              "a multiple of 256K; no more is ever sent twice",
              &chunk_size);
  session.define(line);
  line.operands("FILE", &files);
  line.note(
      "An object is created, never overwritten. One that is there with the "
      "same size and CRC32C is a success; one with other content is exit "
      "status 73. The CRC32C is taken before a file is sent, asserted with it, "
      "and compared with what was stored, which is deleted again if it "
      "differs (exit status 1). A file that changes meanwhile becomes no "
      "object (exit status 75).");
  line.note(
      "Each file that is there is a line on standard output, in the order of "
      "the operands: file, uri, generation, bytes, crc32c, md5 (as Cloud "
      "Storage says it; not compared), and status: uploaded, present or "
      "would_upload. What goes wrong with one file does not stop the others: "
      "the exit status is 75 if trying again may help, else that of the first "
      "failure. A FILE that is missing, a folder, or named as another one "
      "keeps all from being sent.");
  line.note(
      "Credentials are found as Google's libraries find them. With "
      "STORAGE_EMULATOR_HOST, which must be on loopback, none are sent. Does "
      "not make buckets, delete what it did not just make, compress, or walk "
      "folders. Session files let anyone write who can read them; they are "
      "made for their owner only, and go when the upload is over.");
  line.example(
      "gcs-put --bucket team-datasets --prefix mtg/v1 training/output/v1/*");
  line.example(
      "gcs-put --bucket team-datasets --resume-dir ~/.cache/gcs big.jsonl.zst");
}

void Options::check() const {
  const auto demand = [](bool is_so, const std::string& why) {
    if (!is_so) throw mill::Exit(EX_USAGE, why + "; try 'gcs-put --help'");
  };
  demand(!files.empty(), "no FILE is given");
  demand(!bucket.empty(), "--bucket is needed");
  if (const auto why = mill::bad_bucket_name(bucket))
    throw mill::Exit(EX_USAGE, "--bucket: " + *why);
  demand(!prefix.starts_with('/') && !prefix.ends_with('/'),
         "--prefix: begins or ends with a slash");
  demand(jobs >= 1 && jobs <= 64, "--jobs: not 1 to 64");
  demand(chunk_size.bytes > 0 && chunk_size.bytes % mill::kGcsGrain == 0,
         "--chunk-size: not a multiple of 256K");
}

// A file on its way: its thread sets what the main thread shows and waits for.
struct Job {
  std::string file;
  std::string object;
  std::uint64_t size = 0;
  std::atomic<std::uint64_t> sent = 0;
  std::string remark = {};  // to be read once `result` is there
  std::promise<std::string> done = {};
  std::future<std::string> result = done.get_future();
};

// The operands as jobs. Throws Exit: EX_NOINPUT, EX_USAGE.
std::deque<Job> make_jobs(const Options& options) {
  std::deque<Job> jobs;
  std::map<std::string, std::string> taken;
  for (const std::string& file : options.files) {
    Job& job = jobs.emplace_back();
    job.file = file;
    if (!options.prefix.empty()) job.object = options.prefix + "/";
    job.object.append(file, file.rfind('/') + 1);
    try {
      job.size = mill::UploadFile(file).size();
    } catch (const mill::Exit& exit) {
      throw mill::Exit(exit.code, file + ": " + exit.what());
    }
    if (const auto why = mill::bad_object_name(job.object))
      throw mill::Exit(EX_USAGE, file + ": as an object's name: " + *why);
    const auto [other, is_new] = taken.emplace(job.object, file);
    if (!is_new)
      throw mill::Exit(EX_USAGE, file + ": would be the same object as " +
                                     other->second + ", " + job.object);
  }
  return jobs;
}

std::string content_type(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".jsonl", "application/x-ndjson"},
      {".json", "application/json"},
      {".html", "text/html"},
      {".md", "text/markdown"},
      {".txt", "text/plain"},
      {"SHA256SUMS", "text/plain"},
      {".gz", "application/gzip"},
      {".zst", "application/zstd"},
      {".parquet", "application/vnd.apache.parquet"}};
  for (const auto& [end, type] : kTypes)
    if (name.ends_with(end)) return std::string(type);
  return "application/octet-stream";
}

std::string result_line(const Options& options, const Job& job,
                        const mill::GcsObject& object,
                        std::string_view status) {
  std::string text;
  mill::JsonWriter json(text);
  json.begin_object();
  json.member("file", job.file);
  json.member("uri", "gs://" + options.bucket + "/" + job.object);
  if (!object.generation.empty()) json.member("generation", object.generation);
  json.member("bytes", object.size);
  json.member("crc32c", object.crc32c);
  if (!object.md5.empty()) json.member("md5", object.md5);
  json.member("status", status);
  json.end_object();
  return text + "\n";
}

// Uploads one file, or finds out what that would do. Returns its result line.
std::string put(const Options& options, const std::string& endpoint,
                mill::Gcs& gcs, Job& job) {
  const mill::UploadFile file(job.file);
  mill::Upload upload{.bucket = options.bucket,
                      .name = job.object,
                      .content_type = content_type(job.object),
                      .size = file.size(),
                      .crc32c = file.crc32c(),
                      .chunk_size = options.chunk_size.bytes};
  if (options.is_dry_run) {
    const auto object = gcs.find(upload);
    return result_line(options, job,
                       object.value_or(mill::GcsObject{
                           .size = upload.size, .crc32c = upload.crc32c}),
                       object ? "present" : "would_upload");
  }
  upload.read = [&](std::uint64_t offset, char* to, std::size_t size) {
    file.read(offset, to, size);
    job.sent = offset + size;
  };
  std::optional<mill::SessionFile> session;
  if (options.resume_dir && upload.is_in_chunks()) {
    session.emplace(*options.resume_dir,
                    endpoint + "\n" + options.bucket + "\n" + job.object,
                    std::to_string(upload.size) + " " + upload.crc32c + " " +
                        std::to_string(file.modified()));
    std::string problem;
    upload.session = session->load(problem);
    if (!problem.empty())
      job.remark = session->path() + ": not used: " + problem;
    upload.keep_session = [&](const std::string& uri) { session->keep(uri); };
  }
  const mill::UploadResult result = gcs.upload(upload);
  return result_line(options, job, result.object,
                     result.was_present ? "present" : "uploaded");
}

// One line on a terminal: all of it, and the files that are on their way.
class Progress {
 public:
  explicit Progress(const std::deque<Job>& jobs) : jobs_(jobs) {
    for (const Job& job : jobs) total_ += job.size;
  }
  void show(std::size_t done) const {
    std::uint64_t sent = 0;
    std::string under_way;
    for (const Job& job : jobs_) {
      sent += job.sent;
      if (job.sent > 0 && job.sent < job.size && under_way.size() < 40)
        under_way.append(" ")
            .append(job.object, job.object.rfind('/') + 1)
            .append(" ")
            .append(std::to_string(job.sent * 100 / job.size))
            .append("%");
    }
    const double seconds = clock_.now() - start_;
    const double rate = static_cast<double>(sent) / seconds;
    const double left = static_cast<double>(total_ - sent);
    ::fprintf(stderr,
              "\rgcs-put: %zu of %zu files, %.0f of %.0f MiB, %.1f MiB/s", done,
              jobs_.size(), static_cast<double>(sent) / kMiB,
              static_cast<double>(total_) / kMiB, rate / kMiB);
    if (rate > 0) ::fprintf(stderr, ", %.0f s left", left / rate);
    ::fprintf(stderr, "%s\033[K", under_way.c_str());
  }

 private:
  static constexpr double kMiB = 1 << 20;
  const std::deque<Job>& jobs_;
  std::uint64_t total_ = 0;
  mill::Clock clock_ = mill::system_clock();
  double start_ = clock_.now();
};

}  // namespace

int main(int argc, char** argv) {
  return mill::run("gcs-put", [&](mill::Program& program) {
    Options options;
    mill::CommandLine line(
        program.name(),
        "Upload files to Cloud Storage, each once, and verify them.");
    options.define(line);
    line.parse(argc, argv);
    options.check();
    const mill::GcsEndpoint endpoint = mill::gcs_endpoint();
    std::deque<Job> jobs = make_jobs(options);
    mill::Session session(program, options.session);
    std::optional<mill::GoogleAuth> auth;
    if (!endpoint.is_emulator) auth.emplace();

    std::atomic<std::size_t> next = 0;
    const auto work = [&](std::stop_token stop, mill::HttpClient& http) {
      mill::Gcs gcs(http, endpoint.url, [&](mill::HttpRequest request) {
        return auth ? auth->send(http, std::move(request), mill::kGcsScope)
                    : http.send(request);
      });
      gcs.silence_timeout =
          static_cast<double>(options.session.timeout.value_or(60));
      for (std::size_t i;
           !stop.stop_requested() && (i = next++) < jobs.size();) {
        try {
          jobs[i].done.set_value(put(options, endpoint.url, gcs, jobs[i]));
        } catch (...) {
          jobs[i].done.set_exception(std::current_exception());
        }
      }
    };
    std::vector<std::jthread> threads;
    while (threads.size() < std::min<std::size_t>(options.jobs, jobs.size()))
      threads.emplace_back(work, std::ref(session.add_http()));

    const Progress progress(jobs);
    std::set<int> statuses;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      Job& job = jobs[i];
      while (job.result.wait_for(std::chrono::milliseconds(200)) !=
             std::future_status::ready)
        if (session.shows_progress()) progress.show(i);
      ++session.stats().records_read;
      if (!job.remark.empty()) program.warn(job.remark);
      try {
        session.write(job.result.get());
      } catch (const mill::Exit& exit) {
        session.fail(job.file, exit.what(), exit.code);
        statuses.insert(exit.code);
      }
    }
    threads.clear();
    const int status = session.finish();
    return statuses.size() == 1 ? *statuses.begin() : status;
  });
}
