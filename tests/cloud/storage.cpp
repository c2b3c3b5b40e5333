#include "tests/cloud/storage.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "lib/base/base64.h"
#include "lib/base/hash.h"
#include "lib/base/timestamp.h"
#include "lib/http/url.h"
#include "lib/json/json.h"
#include "lib/json/json_writer.h"
#include "tests/cloud/identity.h"

namespace cloud {
namespace {

constexpr std::uint64_t kGrain = 256 << 10;
constexpr std::uint64_t kMostWithMd5 = 256 << 20;

Answer error(int status, std::string_view reason, std::string_view message) {
  std::string text;
  mill::JsonWriter json(text);
  json.begin_object();
  json.key("error");
  json.begin_object();
  json.member("code", status);
  json.member("message", message);
  json.key("errors");
  json.begin_array();
  json.begin_object();
  json.member("message", message);
  json.member("domain", "global");
  json.member("reason", reason);
  json.end_object();
  json.end_array();
  json.end_object();
  json.end_object();
  return {status, text};
}

Answer invalid(std::string_view message) {
  return error(400, "invalid", message);
}
Answer not_found() { return error(404, "notFound", "No such object."); }
Answer precondition_failed() {
  return error(
      412, "conditionNotMet",
      "At least one of the pre-conditions you specified did not hold.");
}

// The first query parameter that is neither one of all calls nor in `known`.
std::optional<Answer> refuse_unknown(const Request& request,
                                     std::set<std::string> known) {
  known.insert({"alt", "fields", "prettyPrint", "projection", "userProject",
                "quotaUser"});
  std::string last;
  for (const auto& [name, value] : request.query) {
    if (!known.count(name)) return invalid("Unknown parameter: " + name);
    if (name == last) return invalid("Parameter given twice: " + name);
    last = name;
  }
  return std::nullopt;
}

const std::set<std::string> kPreconditions = {
    "ifGenerationMatch", "ifGenerationNotMatch", "ifMetagenerationMatch",
    "ifMetagenerationNotMatch"};

std::set<std::string> with_preconditions(std::set<std::string> names) {
  names.insert(kPreconditions.begin(), kPreconditions.end());
  return names;
}

// Whether the preconditions hold for an object of this generation, 0: none.
// Objects' metadata never changes here, so their metageneration is 1.
bool holds(const std::multimap<std::string, std::string>& query,
           std::uint64_t generation) {
  const auto is_right = [&](const char* name, std::uint64_t value,
                            bool wanted) {
    const auto found = query.find(name);
    return found == query.end() ||
           (found->second == std::to_string(value)) == wanted;
  };
  const std::uint64_t metageneration = generation ? 1 : 0;
  return is_right("ifGenerationMatch", generation, true) &&
         is_right("ifGenerationNotMatch", generation, false) &&
         is_right("ifMetagenerationMatch", metageneration, true) &&
         is_right("ifMetagenerationNotMatch", metageneration, false);
}

std::string percent_encode(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte))
      out += c;
    else
      (out += '%').append({kHex[byte >> 4], kHex[byte & 15]});
  }
  return out;
}

std::string md5_base64(std::string_view bytes) {
  unsigned char digest[16];
  unsigned size = sizeof digest;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_md5(), nullptr);
  return mill::base64({reinterpret_cast<const char*>(digest), size});
}

std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || text.size() > 18 ||
      text.find_first_not_of("0123456789") != text.npos)
    return std::nullopt;
  return std::stoull(std::string(text));
}

// Content-Range: "bytes A-B/T", "bytes A-B/*", "bytes */T" or "bytes */*".
struct ContentRange {
  bool has_bytes = false;
  std::uint64_t first = 0, last = 0;
  std::optional<std::uint64_t> total;
};
std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  const std::size_t slash = text.find('/');
  if (!text.starts_with(kUnit) || slash == text.npos) return std::nullopt;
  const std::string_view bytes =
      text.substr(kUnit.size(), slash - kUnit.size());
  const std::string_view total = text.substr(slash + 1);
  ContentRange range;
  if (total != "*" && !(range.total = number(total))) return std::nullopt;
  if (bytes == "*") return range;
  const std::size_t dash = bytes.find('-');
  if (dash == bytes.npos) return std::nullopt;
  const auto first = number(bytes.substr(0, dash));
  const auto last = number(bytes.substr(dash + 1));
  if (!first || !last || *first > *last ||
      (range.total && *last >= *range.total))
    return std::nullopt;
  range.has_bytes = true;
  range.first = *first;
  range.last = *last;
  return range;
}

// The value of "crc32c" or "md5" in an X-Goog-Hash header.
std::string hash_of(const std::string& header, std::string_view name) {
  std::string_view rest = header;
  while (!rest.empty()) {
    std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return std::string(part.substr(name.size() + 1));
  }
  return "";
}

}  // namespace

void Storage::add_bucket(const std::string& name) {
  const std::lock_guard lock(mutex_);
  buckets_.try_emplace(name);
}

void Storage::add_signer(const std::string& email,
                         const std::string& public_key) {
  signers_[email] = public_key;
}

void Storage::hold(std::uint64_t after, std::string path, bool then_cut) {
  const std::lock_guard lock(mutex_);
  hold_path_ = std::move(path);
  hold_cuts_ = then_cut;
  hold_at_ = received_ + after;
}

void Storage::add_routes(Server& server) {
  server_ = &server;
  const auto to = [this](Answer (Storage::*method)(Request&)) {
    return
        [this, method](Request& request) { return (this->*method)(request); };
  };
  server.route("POST", "/upload/storage/v1/b/{}/o", to(&Storage::insert),
               {"stored_wrong"});
  server.route("POST", "/resumable/upload/storage/v1/b/{}/o",
               to(&Storage::insert));
  for (const char* path :
       {"/upload/storage/v1/b/{}/o", "/resumable/upload/storage/v1/b/{}/o"}) {
    server.route("PUT", path, to(&Storage::put),
                 {"gone_404", "gone_410", "stored_less", "stored_nothing",
                  "stored_wrong"});
    server.route("DELETE", path, to(&Storage::cancel));
  }
  server.route("GET", "/storage/v1/b/{}/o/{*}", to(&Storage::get));
  server.route("GET", "/download/storage/v1/b/{}/o/{*}", to(&Storage::get));
  server.route("GET", "/storage/v1/b/{}/o", to(&Storage::list));
  server.route("DELETE", "/storage/v1/b/{}/o/{*}", to(&Storage::remove));
  server.route("POST", "/storage/v1/b", to(&Storage::make_bucket));
  server.route("GET", "/storage/v1/b/{}/iam/testPermissions",
               to(&Storage::test_permissions));
  server.route("GET", "/storage/v1/b/{}", to(&Storage::get_bucket));
  server.route("POST", "/control/storage/hold", [this](Request& request) {
    hold(std::stoull(request.parameter("after")), request.parameter("file"),
         request.parameter("then") == "cut");
    return Answer{};
  });
  server.route("GET", "/control/storage/received", [this](Request&) {
    return Answer{200, std::to_string(received()) + "\n", {}, "text/plain"};
  });
  server.route("GET", "/{}/{*}", to(&Storage::get_by_link));  // the last
}

// ---- inserts

Answer Storage::insert(Request& request) {
  const std::string type = request.parameter("uploadType");
  std::set<std::string> known = with_preconditions(
      {"uploadType", "name", "predefinedAcl", "kmsKeyName", "contentEncoding"});
  if (auto why = refuse_unknown(request, known)) return *why;
  Insert insert{request.parts[0], request.parameter("name"), {}};
  insert.query = request.query;
  if (type == "resumable") return start_session(request, insert);
  if (type == "multipart") return insert_multipart(request, insert);
  if (type != "media") return invalid("uploadType is missing or unknown");
  if (auto why = refuse(insert)) return *why;
  insert.set["contentType"] = mill::json_string(request.header("content-type"));
  std::string bytes;
  take(request, bytes, 0, ~std::uint64_t{0});
  return create(insert, std::move(bytes), request.fault);
}

Answer Storage::insert_multipart(Request& request, Insert& insert) {
  const std::string type = request.header("content-type");
  const std::size_t at = type.find("boundary=");
  if (!type.starts_with("multipart/related;") || at == std::string::npos)
    return invalid("not multipart/related with a boundary");
  std::string boundary = type.substr(at + 9);
  std::erase_if(boundary, [](char c) { return c == '"' || c == '\''; });
  std::string body;
  take(request, body, 0, ~std::uint64_t{0});

  // "--B CRLF headers CRLF CRLF part CRLF" twice, then "--B--".
  std::string_view rest = body;
  const std::string line = "--" + boundary;
  std::string_view headers[2], parts[2];
  for (int i = 0; i < 2; ++i) {
    if (i == 0 && rest.starts_with("\r\n")) rest.remove_prefix(2);
    if (!rest.starts_with(line)) return invalid("no part where one should be");
    rest.remove_prefix(rest.find('\n') + 1);
    std::size_t blank = rest.find("\r\n\r\n"), skip = 4;
    if (const std::size_t lf = rest.find("\n\n"); lf < blank)
      blank = lf, skip = 2;
    const std::size_t end = rest.find("\n" + line);
    if (blank > end || end == rest.npos) return invalid("a part has no end");
    headers[i] = rest.substr(0, blank);
    parts[i] = rest.substr(blank + skip, end - blank - skip);
    if (parts[i].ends_with('\r')) parts[i].remove_suffix(1);
    rest.remove_prefix(end + 1);
  }
  if (!rest.starts_with(line + "--")) return invalid("no end, or three parts");
  const std::string key = "content-type: ";
  std::string part_type(headers[1]);
  std::transform(part_type.begin(), part_type.begin() + 13, part_type.begin(),
                 [](char c) { return c == 'C'   ? 'c'
                                     : c == 'T' ? 't'
                                                : c; });
  if (part_type.starts_with(key))
    insert.set["contentType"] = mill::json_string(
        part_type.substr(key.size(), part_type.find('\r') - key.size()));
  if (auto why = read_metadata(parts[0], insert)) return *why;
  if (auto why = refuse(insert)) return *why;
  return create(insert, std::string(parts[1]), request.fault);
}

Answer Storage::start_session(Request& request, Insert& insert) {
  const std::string text = request.body();
  if (const std::string type = request.header("x-upload-content-type");
      !type.empty())
    insert.set["contentType"] = mill::json_string(type);
  if (!text.empty())
    if (auto why = read_metadata(text, insert)) return *why;
  if (auto why = refuse(insert)) return *why;
  const auto session = std::make_shared<Session>();
  if (const std::string length = request.header("x-upload-content-length");
      !length.empty() && !(session->total = number(length)))
    return invalid("X-Upload-Content-Length is no number");
  session->insert = std::move(insert);
  const std::lock_guard lock(mutex_);
  const std::string id = "session-" + std::to_string(++last_session_);
  sessions_[id] = session;
  return {200,
          "",
          {{"Location", "http://" + request.header("host") + request.path +
                            "?uploadType=resumable&upload_id=" + id},
           {"X-GUploader-UploadID", id}}};
}

std::shared_ptr<Storage::Session> Storage::find_session(
    const Request& request) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(request.parameter("upload_id"));
  return found == sessions_.end() ? nullptr : found->second;
}

Answer Storage::cancel(Request& request) {
  const auto session = find_session(request);
  if (!session) return error(404, "notFound", "No such session.");
  const std::lock_guard lock(session->mutex);
  if (!session->end) session->end = error(499, "cancelled", "cancelled");
  session->bytes = {};
  return {499, ""};
}

Answer Storage::put(Request& request) {
  if (auto why = refuse_unknown(
          request, with_preconditions({"uploadType", "upload_id", "name"})))
    return *why;
  const auto session = find_session(request);
  if (!session) return error(404, "notFound", "No such session.");
  const std::lock_guard lock(session->mutex);
  if (request.fault.starts_with("gone_")) {
    session->end = request.fault == "gone_404"
                       ? error(404, "notFound", "No such session.")
                       : error(410, "gone", "The session has gone.");
    session->bytes = {};
  }
  if (session->end) return *session->end;
  Answer answer = put_chunk(request, *session);
  if (answer.status != 308 && answer.status != 503) {
    session->end = answer;
    session->bytes = {};
  } else if (answer.status == 308 && !session->bytes.empty()) {
    answer.headers.emplace_back(
        "Range", "bytes=0-" + std::to_string(session->bytes.size() - 1));
  }
  return answer;
}

// 308 says that there is more to come.
Answer Storage::put_chunk(Request& request, Session& session) {
  std::string& bytes = session.bytes;
  const auto length = number(request.header("content-length"));
  if (!length) return invalid("Content-Length is missing");
  std::optional<ContentRange> range;
  if (const std::string text = request.header("content-range"); !text.empty()) {
    range = parse_content_range(text);
    if (!range) return invalid("Content-Range makes no sense");
  } else {
    range = {*length > 0, 0, *length > 0 ? *length - 1 : 0, *length};
  }
  const std::uint64_t end = range->has_bytes ? range->last + 1 : 0;
  if (range->has_bytes ? end - range->first != *length : *length != 0)
    return invalid("Content-Range and Content-Length differ");
  if (range->total && session.total && *range->total != *session.total)
    return invalid("not the total that was announced");
  if (range->total) session.total = range->total;
  if (range->has_bytes && end != session.total && *length % kGrain != 0)
    return invalid("a chunk that is no multiple of 256 KiB");
  if (range->first > bytes.size())
    return {503,
            "Invalid request. According to the Content-Range header, the "
            "upload offset is " +
                std::to_string(range->first) +
                " byte(s), which exceeds already uploaded size of " +
                std::to_string(bytes.size()) + " byte(s).",
            {},
            "text/plain"};

  if (session.total) bytes.reserve(*session.total);
  const std::uint64_t before = bytes.size();
  if (range->has_bytes) {
    try {
      take(request, bytes, before - range->first, end);
    } catch (const Cut&) {
      bytes.resize(bytes.size() / kGrain * kGrain);
      throw;
    }
  }
  if (request.fault == "stored_less")
    bytes.resize((before + bytes.size()) / 2 / kGrain * kGrain);
  if (request.fault == "stored_nothing") bytes.clear();
  if (!range->total || bytes.size() < *range->total) return {308, ""};

  const std::string hashes = request.header("x-goog-hash");
  for (const auto& [name, asserted] :
       {std::pair("crc32c", &session.insert.crc32c),
        std::pair("md5", &session.insert.md5)}) {
    const std::string hash = hash_of(hashes, name);
    if (hash.empty()) continue;
    if (!asserted->empty() && *asserted != hash)
      return invalid("X-Goog-Hash is not what was asserted before");
    *asserted = hash;
  }
  return create(session.insert, std::move(bytes), request.fault);
}

// Reads content up to `most` bytes in all, without the first `skip`.
void Storage::take(Request& request, std::string& bytes, std::uint64_t skip,
                   std::uint64_t most) {
  std::string block(256 << 10, '\0');
  while (const std::size_t n = request.read(block.data(), block.size())) {
    const std::uint64_t skipped = std::min<std::uint64_t>(skip, n);
    skip -= skipped;
    bytes.append(block, skipped,
                 std::min<std::uint64_t>(n - skipped, most - bytes.size()));
    if ((received_ += n) < hold_at_) continue;
    hold_at_ = ~std::uint64_t{0};
    std::ofstream(hold_path_).put('\n');
    while (access(hold_path_.c_str(), F_OK) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (hold_cuts_) throw Cut();
  }
}

std::optional<Answer> Storage::read_metadata(std::string_view text,
                                             Insert& insert) {
  static const std::set<std::string> kSettable = {
      "contentType",        "contentEncoding", "contentLanguage",
      "contentDisposition", "cacheControl",    "metadata",
      "customTime",         "storageClass",    "temporaryHold",
      "eventBasedHold"};
  mill::JsonReader reader;
  if (reader.parse(text) || !reader.root().is_object())
    return invalid("the metadata is not a JSON object");
  for (const auto [key, value] : reader.root().members()) {
    const std::string name = key.string();
    const bool is_text = value.is_string();
    if (name == "name" && is_text) {
      if (!insert.name.empty() && insert.name != value.string())
        return invalid("two names");
      insert.name = value.string();
    } else if (name == "crc32c" && is_text) {
      insert.crc32c = value.string();
    } else if (name == "md5Hash" && is_text) {
      insert.md5 = value.string();
    } else if (name == "bucket" && is_text) {
      if (value.string() != insert.bucket) return invalid("two buckets");
    } else if (kSettable.count(name)) {
      insert.set[name] = value.raw();
    } else if (name != "acl") {
      return invalid("Unknown name: " + name);
    }
  }
  return std::nullopt;
}

// Why the insert cannot succeed, as far as can be seen at its start.
std::optional<Answer> Storage::refuse(const Insert& insert) {
  if (insert.name.empty() || insert.name.size() > 1024 ||
      insert.name.find_first_of("\r\n") != std::string::npos)
    return invalid("no name, or one that cannot be");
  const std::lock_guard lock(mutex_);
  const auto bucket = buckets_.find(insert.bucket);
  if (bucket == buckets_.end())
    return error(404, "notFound", "The specified bucket does not exist.");
  const auto object = bucket->second.find(insert.name);
  if (!holds(insert.query,
             object == bucket->second.end() ? 0 : object->second.generation))
    return precondition_failed();
  return std::nullopt;
}

// The object, if its content is what was asserted and its name still free.
Answer Storage::create(const Insert& insert, std::string bytes,
                       const std::string& fault) {
  Object object;
  object.name = insert.name;
  object.set = insert.set;
  object.crc32c = mill::crc32c(0, bytes);
  if (bytes.size() <= kMostWithMd5) object.md5 = md5_base64(bytes);
  if (!insert.crc32c.empty() &&
      insert.crc32c != mill::crc32c_base64(object.crc32c))
    return invalid("Provided CRC32C does not match what was uploaded.");
  if (!insert.md5.empty() && insert.md5 != object.md5)
    return invalid("Provided MD5 hash does not match what was uploaded.");
  if (fault == "stored_wrong" && !bytes.empty()) {
    bytes[bytes.size() / 2] ^= 1;
    object.crc32c = mill::crc32c(0, bytes);
  }
  object.created = mill::format_timestamp(mill::now());
  object.bytes = std::make_shared<const std::string>(std::move(bytes));
  if (auto why = refuse(insert)) return *why;

  const std::lock_guard lock(mutex_);
  Objects& objects = buckets_[insert.bucket];
  const auto there = objects.find(insert.name);
  if (!holds(insert.query,
             there == objects.end() ? 0 : there->second.generation))
    return precondition_failed();
  object.generation = ++last_generation_;
  events_.push_back("created " + insert.bucket + "/" + insert.name);
  const std::string text = resource(insert.bucket, object);
  objects[insert.name] = std::move(object);
  return {200, text};
}

// ---- reading and removing

std::string Storage::resource(const std::string& bucket,
                              const Object& object) const {
  std::string text;
  mill::JsonWriter json(text);
  json.begin_object();
  const std::string generation = std::to_string(object.generation);
  json.member("kind", "storage#object");
  json.member("id", bucket + "/" + object.name + "/" + generation);
  json.member("mediaLink",
              "http://127.0.0.1:" + std::to_string(server_->port()) +
                  "/download/storage/v1/b/" + bucket + "/o/" +
                  percent_encode(object.name) +
                  "?alt=media&generation=" + generation);
  json.member("name", object.name);
  json.member("bucket", bucket);
  json.member("generation", generation);
  json.member("metageneration", "1");
  json.member("size", std::to_string(object.bytes->size()));
  json.member("crc32c", mill::crc32c_base64(object.crc32c));
  if (!object.md5.empty()) json.member("md5Hash", object.md5);
  json.member("etag", generation);
  json.member("timeCreated", object.created);
  json.member("updated", object.created);
  json.member("timeFinalized", object.created);
  for (const auto& [name, value] : object.set) json.raw_member(name, value);
  if (!object.set.count("storageClass"))
    json.member("storageClass", "STANDARD");
  json.end_object();
  return text;
}

Answer Storage::get(Request& request) {
  if (auto why = refuse_unknown(request, with_preconditions({"generation"})))
    return *why;
  Object object;
  {
    const std::lock_guard lock(mutex_);
    const auto bucket = buckets_.find(request.parts[0]);
    if (bucket == buckets_.end()) return not_found();
    const auto found = bucket->second.find(request.parts[1]);
    if (found == bucket->second.end()) return not_found();
    object = found->second;
  }
  const std::string generation = std::to_string(object.generation);
  const std::string wanted = request.parameter("generation");
  if (!wanted.empty() && wanted != generation) return not_found();
  if (request.parameter("ifGenerationNotMatch") == generation) return {304, ""};
  if (!holds(request.query, object.generation)) return precondition_failed();
  if (request.parameter("alt") == "media") return get_media(request, object);
  return {200, resource(request.parts[0], object)};
}

// A V4 signed URL, judged as Cloud Storage judges it.
Answer Storage::get_by_link(Request& request) {
  const auto refused = [](int status, const std::string& code) {
    return Answer{status,
                  "<?xml version='1.0' encoding='UTF-8'?><Error><Code>" + code +
                      "</Code></Error>",
                  {},
                  "application/xml; charset=UTF-8"};
  };
  const std::string signature = request.parameter("X-Goog-Signature");
  if (signature.empty()) return refused(403, "AccessDenied");
  const std::string time = request.parameter("X-Goog-Date");
  const std::string scope = time.substr(0, 8) + "/auto/storage/goog4_request";
  const std::string credential = request.parameter("X-Goog-Credential");
  const std::string account = credential.substr(0, credential.find('/'));
  const auto signer = signers_.find(account);
  const auto seconds = number(request.parameter("X-Goog-Expires"));
  std::tm parts = {};
  const char* const end = ::strptime(time.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  if (!end || *end || !seconds || *seconds < 1 || *seconds > 604800 ||
      request.parameter("X-Goog-Algorithm") != "GOOG4-RSA-SHA256" ||
      request.parameter("X-Goog-SignedHeaders") != "host" ||
      credential != account + "/" + scope)
    return refused(400, "AuthenticationRequired");
  std::string query;
  for (const auto& [name, value] : request.query)
    if (name != "X-Goog-Signature")
      query += (query.empty() ? "" : "&") + mill::form_encode({{name, value}});
  const std::string asked =
      "GET\n" + request.path.substr(0, request.path.find('?')) + "\n" + query +
      "\nhost:" + request.header("host") + "\n\nhost\nUNSIGNED-PAYLOAD";
  std::string bytes;
  for (std::size_t i = 0; i + 1 < signature.size(); i += 2)
    bytes += static_cast<char>(
        std::strtol(signature.substr(i, 2).c_str(), nullptr, 16));
  if (signer == signers_.end() ||
      !is_signed("GOOG4-RSA-SHA256\n" + time + "\n" + scope + "\n" +
                     mill::hex(mill::sha256(asked)),
                 bytes, signer->second))
    return refused(403, "SignatureDoesNotMatch");
  const std::int64_t age = std::time(nullptr) - ::timegm(&parts);
  if (age > static_cast<std::int64_t>(*seconds) || age < -900)
    return refused(400, "ExpiredToken");
  const std::lock_guard lock(mutex_);
  const auto bucket = buckets_.find(request.parts[0]);
  if (bucket == buckets_.end()) return refused(404, "NoSuchBucket");
  const auto object = bucket->second.find(request.parts[1]);
  const std::string generation = request.parameter("generation");
  if (object == bucket->second.end() ||
      (!generation.empty() &&
       generation != std::to_string(object->second.generation)))
    return refused(404, "NoSuchKey");
  return get_media(request, object->second);
}

Answer Storage::get_media(Request& request, const Object& object) {
  const std::string& bytes = *object.bytes;
  Answer answer;
  answer.type = "application/octet-stream";
  if (const auto type = object.set.find("contentType");
      type != object.set.end())
    answer.type = type->second.substr(1, type->second.size() - 2);
  answer.headers = {
      {"x-goog-hash", "crc32c=" + mill::crc32c_base64(object.crc32c) +
                          (object.md5.empty() ? "" : ",md5=" + object.md5)},
      {"x-goog-generation", std::to_string(object.generation)},
      {"x-goog-metageneration", "1"},
      {"x-goog-stored-content-length", std::to_string(bytes.size())},
      {"x-goog-stored-content-encoding", "identity"}};
  const std::string range = request.header("range");
  if (range.empty()) {
    answer.body = bytes;
    return answer;
  }
  // "bytes=A-" or "bytes=A-B"
  const std::size_t dash = range.find('-');
  const auto first = range.starts_with("bytes=") && dash != std::string::npos
                         ? number(std::string_view(range).substr(6, dash - 6))
                         : std::nullopt;
  if (!first) return invalid("a Range that is not served here");
  if (*first >= bytes.size())
    return error(416, "requestedRangeNotSatisfiable", "");
  const std::uint64_t last = std::min<std::uint64_t>(
      number(range.substr(dash + 1)).value_or(~0ULL), bytes.size() - 1);
  answer.status = 206;
  answer.body = bytes.substr(*first, last + 1 - *first);
  answer.headers.emplace_back("Content-Range",
                              "bytes " + std::to_string(*first) + "-" +
                                  std::to_string(last) + "/" +
                                  std::to_string(bytes.size()));
  return answer;
}

Answer Storage::list(Request& request) {
  if (auto why =
          refuse_unknown(request, {"prefix", "delimiter", "maxResults",
                                   "pageToken", "startOffset", "endOffset",
                                   "versions", "includeTrailingDelimiter",
                                   "includeFoldersAsPrefixes", "softDeleted"}))
    return *why;
  const std::lock_guard lock(mutex_);
  const auto bucket = buckets_.find(request.parts[0]);
  if (bucket == buckets_.end()) return not_found();
  const std::string prefix = request.parameter("prefix");
  const std::string delimiter = request.parameter("delimiter");
  const std::string end = request.parameter("endOffset");
  const std::uint64_t most = std::min<std::uint64_t>(
      number(request.parameter("maxResults")).value_or(1000), 1000);
  // A page token is the last name or prefix of the page before.
  const std::string token = request.parameter("pageToken");
  std::vector<std::string> items;
  std::set<std::string> prefixes;
  std::string last, next;
  for (const auto& [name, object] : bucket->second) {
    if (!name.starts_with(prefix) || name < request.parameter("startOffset") ||
        (!end.empty() && name >= end))
      continue;
    const std::size_t at = delimiter.empty()
                               ? std::string::npos
                               : name.find(delimiter, prefix.size());
    const bool is_folder = at != std::string::npos;
    const std::string entry =
        is_folder ? name.substr(0, at + delimiter.size()) : name;
    if (entry <= token || prefixes.count(entry)) continue;
    if (items.size() + prefixes.size() == most) {
      next = last;
      break;
    }
    last = entry;
    if (is_folder)
      prefixes.insert(entry);
    else
      items.push_back(resource(request.parts[0], object));
  }
  std::string text;
  mill::JsonWriter json(text);
  json.begin_object();
  json.member("kind", "storage#objects");
  if (!next.empty()) json.member("nextPageToken", next);
  if (!prefixes.empty()) {
    json.key("prefixes");
    json.begin_array();
    for (const std::string& entry : prefixes) json.value(entry);
    json.end_array();
  }
  if (!items.empty()) {
    json.key("items");
    json.begin_array();
    for (const std::string& item : items) json.raw(item);
    json.end_array();
  }
  json.end_object();
  return {200, text};
}

Answer Storage::remove(Request& request) {
  if (auto why = refuse_unknown(request, with_preconditions({"generation"})))
    return *why;
  const std::lock_guard lock(mutex_);
  const auto bucket = buckets_.find(request.parts[0]);
  if (bucket == buckets_.end()) return not_found();
  const auto found = bucket->second.find(request.parts[1]);
  if (found == bucket->second.end()) return not_found();
  const std::uint64_t generation = found->second.generation;
  const std::string wanted = request.parameter("generation");
  if (!wanted.empty() && wanted != std::to_string(generation))
    return not_found();
  if (!holds(request.query, generation)) return precondition_failed();
  events_.push_back("deleted " + request.parts[0] + "/" + request.parts[1]);
  bucket->second.erase(found);
  return {204, ""};
}

Answer Storage::make_bucket(Request& request) {
  if (auto why = refuse_unknown(request, {"project"})) return *why;
  mill::JsonReader reader;
  const std::string text = request.body();
  if (reader.parse(text) || !reader.root()["name"].is_string())
    return invalid("no name");
  const std::string name = reader.root()["name"].string();
  const std::lock_guard lock(mutex_);
  if (!buckets_.try_emplace(name).second)
    return error(409, "conflict", "The bucket is there already.");
  return {200, R"({"kind":"storage#bucket","name":)" + mill::json_string(name) +
                   "}"};
}

Answer Storage::get_bucket(Request& request) {
  const std::lock_guard lock(mutex_);
  if (!buckets_.count(request.parts[0]))
    return error(404, "notFound", "The specified bucket does not exist.");
  const std::string name = mill::json_string(request.parts[0]);
  return {200, R"({"kind":"storage#bucket","id":)" + name + ",\"name\":" +
                   name + R"(,"location":"US","storageClass":"STANDARD"})"};
}

// Whoever asks may do all.
Answer Storage::test_permissions(Request& request) {
  const std::lock_guard lock(mutex_);
  if (!buckets_.count(request.parts[0]))
    return error(404, "notFound", "The specified bucket does not exist.");
  std::string text = R"({"kind":"storage#testIamPermissionsResponse")";
  text += ",\"permissions\":[";
  const auto [begin, end] = request.query.equal_range("permissions");
  for (auto at = begin; at != end; ++at)
    text.append(at == begin ? "" : ",").append(mill::json_string(at->second));
  return {200, text + "]}"};
}

void Storage::dump(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  std::filesystem::create_directories(folder);
  std::ofstream events(folder + "/events");
  for (const std::string& event : events_) events << event << '\n';
  for (const auto& [bucket, objects] : buckets_)
    for (const auto& [name, object] : objects) {
      const std::filesystem::path path = folder + "/" + bucket + "/" + name;
      std::filesystem::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << *object.bytes;
    }
}

}  // namespace cloud
