#include "lib/google/gcs_put.h"

#include <stdio.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <future>
#include <map>
#include <set>
#include <string_view>
#include <thread>

#include "lib/base/exit.h"
#include "lib/google/auth.h"
#include "lib/google/gcs.h"
#include "lib/google/upload_file.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

// A file on its way: its thread sets what the main thread shows and waits for.
struct Job {
  bool is_done() const {
    return !result.valid() || result.wait_for(std::chrono::seconds(0)) ==
                                  std::future_status::ready;
  }
  std::string file;
  std::string object;
  std::uint64_t size = 0;
  std::atomic<std::uint64_t> sent = 0;
  std::string remark = {};  // to be read once `result` is there
  std::promise<std::string> done = {};
  std::future<std::string> result = done.get_future();
};

// The operands as jobs. Throws Exit: EX_NOINPUT, EX_USAGE.
std::deque<Job> make_jobs(const GcsPutOptions& options) {
  std::deque<Job> jobs;
  std::map<std::string, std::string> taken;
  for (const std::string& file : options.files) {
    Job& job = jobs.emplace_back();
    job.file = file;
    if (!options.prefix.empty()) job.object = options.prefix + "/";
    job.object.append(file, file.rfind('/') + 1);
    try {
      job.size = UploadFile(file).size();
    } catch (const Exit& exit) {
      throw Exit(exit.code, file + ": " + exit.what());
    }
    if (const auto why = bad_object_name(job.object))
      throw Exit(EX_USAGE, file + ": as an object's name: " + *why);
    const auto [other, is_new] = taken.emplace(job.object, file);
    if (!is_new)
      throw Exit(EX_USAGE, file + ": would be the same object as " +
                               other->second + ", " + job.object);
  }
  return jobs;
}

std::string result_line(const GcsPutOptions& options, const Job& job,
                        const GcsObject& object, std::string_view status) {
  std::string text;
  JsonWriter json(text);
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

// What is there already under the prefix.
std::string count_line(Gcs& gcs, const GcsPutOptions& options) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("uri", "gs://" + options.bucket + "/" + options.prefix + "/");
  json.member("objects", gcs.list(options.bucket, options.prefix + "/").size());
  json.end_object();
  return text + "\n";
}

// Uploads one file, or finds out what that would do. Returns its result line.
std::string put(const GcsPutOptions& options, const std::string& endpoint,
                Gcs& gcs, Job& job) {
  const UploadFile file(job.file);
  Upload upload{.bucket = options.bucket,
                .name = job.object,
                .content_type = content_type(job.object),
                .size = file.size(),
                .crc32c = file.crc32c(),
                .chunk_size = options.chunk_size.bytes};
  if (options.is_dry_run) {
    const auto object = gcs.find(upload);
    return result_line(options, job,
                       object.value_or(GcsObject{.size = upload.size,
                                                 .crc32c = upload.crc32c}),
                       object ? "present" : "would_upload");
  }
  upload.read = [&](std::uint64_t offset, char* to, std::size_t size) {
    file.read(offset, to, size);
    job.sent = offset + size;
  };
  std::optional<SessionFile> session;
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
  const UploadResult result = gcs.upload(upload);
  job.sent = job.size;
  return result_line(options, job, result.object,
                     result.was_present ? "present" : "uploaded");
}

// Threads that are all told to stop before one is waited for.
struct Threads {
  std::vector<std::jthread> list;
  ~Threads() {
    for (std::jthread& thread : list) thread.request_stop();
  }
};

// What has been sent of all files, and which are on their way.
class UploadProgress {
 public:
  explicit UploadProgress(const std::deque<Job>& jobs) : jobs_(jobs) {
    for (const Job& job : jobs) total_ += job.size;
  }
  std::string text() const {
    std::size_t done = 0;
    std::uint64_t sent = 0;
    std::string under_way;
    for (const Job& job : jobs_) {
      done += job.is_done();
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
    const double left = static_cast<double>(total_) - static_cast<double>(sent);
    char text[160];
    int n = ::snprintf(text, sizeof text,
                       "%zu of %zu files, %.0f of %.0f MiB, %.1f MiB/s", done,
                       jobs_.size(), static_cast<double>(sent) / kMiB,
                       static_cast<double>(total_) / kMiB, rate / kMiB);
    if (rate > 0)
      ::snprintf(text + n, sizeof text - static_cast<std::size_t>(n),
                 ", %.0f s left", left / rate);
    return text + under_way;
  }

 private:
  static constexpr double kMiB = 1 << 20;
  const std::deque<Job>& jobs_;
  std::uint64_t total_ = 0;
  Clock clock_ = system_clock();
  double start_ = clock_.now();
};

}  // namespace

int gcs_put(Program& program, const GcsPutOptions& options) {
  const GcsEndpoint endpoint = gcs_endpoint();
  std::deque<Job> jobs = make_jobs(options);
  Session session(program, options.session);
  std::optional<GoogleAuth> auth;
  if (!endpoint.is_emulator) auth.emplace();

  const auto storage = [&](HttpClient& http) {
    return Gcs(http, endpoint.url, auth ? &*auth : nullptr,
               options.session.service.silence_timeout());
  };
  if (options.only_checks) {
    Gcs gcs = storage(session.http());
    gcs.check_bucket(options.bucket);
    if (!options.prefix.empty()) session.write(count_line(gcs, options));
    return session.finish();
  }
  std::atomic<std::size_t> next = 0;
  const auto work = [&](std::stop_token stop, HttpClient& http) {
    Gcs gcs = storage(http);
    for (std::size_t i; !stop.stop_requested() && (i = next++) < jobs.size();) {
      try {
        jobs[i].done.set_value(put(options, endpoint.url, gcs, jobs[i]));
      } catch (...) {
        jobs[i].done.set_exception(std::current_exception());
      }
    }
  };
  Threads threads;
  while (threads.list.size() < std::min<std::size_t>(options.jobs, jobs.size()))
    threads.list.emplace_back(work, std::ref(session.add_http()));

  const UploadProgress progress(jobs);
  std::set<int> statuses;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    Job& job = jobs[i];
    while (job.result.wait_for(std::chrono::milliseconds(200)) !=
           std::future_status::ready)
      if (session.progress().is_shown())
        session.progress().show(progress.text());
    session.progress().clear();
    ++session.stats().records_read;
    if (!job.remark.empty()) program.warn(job.remark);
    std::string result;
    try {
      result = job.result.get();
    } catch (const Exit& exit) {
      if (exit.code == EX_CONFIG) throw;  // it is so for all of them
      session.fail(job.file, exit.what(), exit.code);
      statuses.insert(exit.code);
    }
    session.write(result);
  }
  threads.list.clear();
  const int status = session.finish();
  return statuses.size() == 1 ? *statuses.begin() : status;
}

}  // namespace mill
