#include "lib/google/firestore.h"

#include <string>
#include <utility>

#include "lib/cli/command_line.h"
#include "lib/google/firestore_value.h"
#include "lib/google/write_ramp.h"
#include "lib/store/firestore_document.h"
#include "lib/store/firestore_store.h"
#include "tests/unit/catch.h"
#include "tests/unit/fake_firestore.h"

namespace {

// Fields of a JSON text, or "refused: WHY".
std::string encoded(const std::string& json) {
  mill::JsonReader reader;
  REQUIRE_FALSE(reader.parse(json));
  mill::FirestoreFields fields;
  const auto why = mill::encode_fields(reader.root(), mill::time_field, fields);
  return why ? "refused: " + *why : fields.json;
}

std::string decoded(const std::string& fields) {
  mill::JsonReader reader;
  REQUIRE_FALSE(reader.parse(fields));
  return mill::decode_document(reader.root());
}

// Why Firestore does not take the document c/i, if so.
std::optional<std::string> refused(const std::string& body) {
  std::string fields;
  return mill::encode_document("c", {.id = "i", .body = body},
                               mill::new_write_id(), fields);
}

std::string nested(const std::string& open, int depth,
                   const std::string& close) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  text += "1";
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

// The message and the exit status with which a query ends that gets an answer.
std::pair<int, std::string> failure(const cloud::Answer& answer) {
  cloud::Server server;
  server.route("POST", "/{*}", [&](cloud::Request&) { return answer; });
  server.listen(0);
  const EmulatorVariable variable("127.0.0.1:" + std::to_string(server.port()));
  mill::FirestoreStore store("p", mill::StoreAccess::kRead,
                             {.timeout = 5, .retries = 0});
  try {
    store.query("c", {}, [](std::string_view, std::string_view) {});
  } catch (const mill::Exit& exit) {
    return {exit.code, exit.what()};
  }
  return {EX_OK, ""};
}

}  // namespace

TEST_CASE("JSON becomes Firestore's values") {
  const struct {
    std::string json;
    std::string fields;
  } cases[] = {
      {"{}", "{}"},
      {R"({"a":null,"b":true,"c":false})",
       R"({"a":{"nullValue":null},"b":{"booleanValue":true},)"
       R"("c":{"booleanValue":false}})"},
      {R"({"a":-9223372036854775808,"b":9223372036854775808})",
       R"({"a":{"integerValue":"-9223372036854775808"},)"
       R"("b":{"doubleValue":9223372036854775808}})"},
      {R"({"a":1.0,"b":1e2})",
       R"({"a":{"doubleValue":1.0},"b":{"doubleValue":1e2}})"},
      {R"({"a":"x\u00e9\n"})", R"({"a":{"stringValue":"x\u00e9\n"}})"},
      {R"({"a":[],"b":[1,{"c":[]}]})",
       R"({"a":{"arrayValue":{"values":[]}},"b":{"arrayValue":{"values":[)"
       R"({"integerValue":"1"},{"mapValue":{"fields":{"c":{"arrayValue":)"
       R"({"values":[]}}}}}]}}})"},
      {R"({"a":1,"a":2})", R"({"a":{"integerValue":"2"}})"},
      {R"({"timestamp":"2026-01-02T03:04:05.1234567+01:00"})",
       R"({"timestamp":{"timestampValue":"2026-01-02T02:04:05.123456Z"}})"},
      {R"({"collected_at":"2026-01-02"})",
       R"({"collected_at":{"timestampValue":"2026-01-02T00:00:00Z"}})"},
      {R"({"created_at":"2026-01-02T00:00:00Z"})",
       R"({"created_at":{"timestampValue":"2026-01-02T00:00:00Z"}})"},
      {R"({"created_at":"2026-01-02"})",
       R"({"created_at":{"stringValue":"2026-01-02"}})"},
      {R"({"timestamp":"soon"})", R"({"timestamp":{"stringValue":"soon"}})"},
      {R"({"a":{"timestamp":"2026-01-02"}})",
       R"({"a":{"mapValue":{"fields":{"timestamp":)"
       R"({"stringValue":"2026-01-02"}}}}})"},
      {R"({"a":[[1]]})", "refused: has an array within an array"},
      {R"({"a":1e999})", "refused: has a number that is too large"},
      {R"({"":1})", "refused: has a field without a name"},
      {R"({"a":{"__x__":1}})",
       "refused: has a field with a reserved name, __...__"},
      {"{\"" + std::string(1501, 'x') + "\":1}",
       "refused: has a field's name of more than 1500 bytes"},
      {"{\"a\":\"" + std::string(1048488, 'x') + "\"}",
       "refused: has a string of more than 1048487 bytes"},
      {"{\"a\":" + nested("{\"b\":", 21, "}") + "}",
       "refused: is nested deeper than 20 levels"},
  };
  for (const auto& c : cases) {
    INFO(c.json.substr(0, 80));
    CHECK(encoded(c.json) == c.fields);
  }
  CHECK(encoded("{\"a\":" + nested("{\"b\":", 20, "}") + "}").size() > 400);
}

TEST_CASE("Firestore's values become JSON") {
  const struct {
    const char* fields;
    const char* json;
  } cases[] = {
      {"{}", "{}"},
      {R"({"z":{"nullValue":null},"a":{"nullValue":"NULL_VALUE"}})",
       R"({"a":null,"z":null})"},
      {R"({"a":{"integerValue":"-42"},"b":{"integerValue":7}})",
       R"({"a":-42,"b":7})"},
      {R"({"a":{"doubleValue":1},"b":{"doubleValue":1.0E300},)"
       R"("c":{"doubleValue":0.7999999999999999}})",
       R"({"a":1.0,"b":1e300,"c":0.7999999999999999})"},
      {R"({"a":{"doubleValue":"NaN"},"b":{"doubleValue":"-Infinity"}})",
       R"({"a":null,"b":null})"},
      {R"({"a":{"timestampValue":"2026-01-02T03:04:05.120000Z"}})",
       R"({"a":"2026-01-02T03:04:05.120Z"})"},
      {R"({"a":{"bytesValue":"aGk="},"b":{"referenceValue":"projects/p"}})",
       R"({"a":"aGk=","b":"projects/p"})"},
      {R"({"a":{"geoPointValue":{"latitude":1.5}}})",
       R"({"a":{"latitude":1.5,"longitude":0.0}})"},
      {R"({"a":{"arrayValue":{}},"b":{"mapValue":{}}})", R"({"a":[],"b":{}})"},
      {R"({"a":{"arrayValue":{"values":[{"stringValue":"x"},{"mapValue":)"
       R"({"fields":{"d":{"booleanValue":true},"c":{"nullValue":null}}}}]}}})",
       R"({"a":["x",{"c":null,"d":true}]})"},
      {R"({"a":{"functionValue":"f"}})", R"({"a":null})"},
      {R"({"title":{"stringValue":"t"},"answer":{"stringValue":"a"},)"
       R"("question":{"nullValue":null},"id":{"stringValue":"i"}})",
       R"({"id":"i","question":"t","answer":"a"})"},
      {R"({"title":{"stringValue":"t"},"answer":{"stringValue":"a"},)"
       R"("question":{"stringValue":"q"}})",
       R"({"question":"q","answer":"a","title":"t"})"},
      {R"({"title":{"stringValue":"t"}})", R"({"title":"t"})"},
      {R"({"timestamp":{"timestampValue":"2026-01-02T00:00:00Z"},)"
       R"("b":{"integerValue":"1"},"write_id":{"integerValue":"1"},)"
       R"("answer":{"stringValue":"a"},"id":{"stringValue":"i"},)"
       R"("a":{"integerValue":"1"}})",
       R"({"id":"i","answer":"a","timestamp":"2026-01-02T00:00:00Z",)"
       R"("a":1,"b":1})"},
  };
  for (const auto& c : cases) {
    INFO(c.fields);
    CHECK(decoded(c.fields) == c.json);
  }
}

TEST_CASE("A document has the size that Firestore counts") {
  mill::JsonReader reader;
  reader.parse(R"({"a":"\u00e9","n":1,"d":1.5,"t":true,"z":null,)"
               R"("timestamp":"2026-01-02","l":["x",{"m":""}]})");
  mill::FirestoreFields fields;
  CHECK_FALSE(mill::encode_fields(reader.root(), mill::time_field, fields));
  // Names with their ends, then values.
  CHECK(fields.size == 6 * 2 + 10 + 3 + 8 + 8 + 1 + 1 + 8 + 2 + 2 + 1);
  CHECK(mill::document_size("users", "jeff", 0) == 6 + 5 + 16 + 32);

  // Two strings fill a document to its last byte.
  const std::size_t rest =
      1048572 - mill::document_size("c", "i", 2 + 1 + 2 + 1 + 9 + 25);
  const auto refusal = [&](std::size_t length) {
    return refused(R"({"a":")" + std::string(length / 2, 'x') + R"(","b":")" +
                   std::string(length - length / 2, 'x') + "\"}");
  };
  CHECK_FALSE(refusal(rest));
  CHECK(refusal(rest + 1) == "is larger than Firestore's 1048572 bytes");
  CHECK(refused(R"({"write_id":1})"));
}

TEST_CASE("What Firestore says becomes an exit status") {
  const auto error = [](int status, const char* name, const char* message) {
    return cloud::google_error(status, name, message);
  };
  const struct {
    cloud::Answer answer;
    int code;
    const char* message;
  } cases[] = {
      {error(401, "UNAUTHENTICATED", "x"), EX_NOPERM,
       "firestore:p: status 401 (UNAUTHENTICATED): x"},
      {error(403, "PERMISSION_DENIED", "the API\nis off"), EX_NOPERM,
       "firestore:p: status 403 (PERMISSION_DENIED): the API is off; the "
       "caller needs roles/datastore.user: gcloud projects "
       "add-iam-policy-binding p --member=MEMBER --role=roles/datastore.user"},
      {error(404, "NOT_FOUND", "no database"), EX_CONFIG,
       "firestore:p: status 404 (NOT_FOUND): no database; make it: gcloud "
       "firestore databases create --location=LOCATION --project=p"},
      {error(400, "INVALID_ARGUMENT", "secret text"), EX_UNAVAILABLE,
       "firestore:p: status 400 (INVALID_ARGUMENT)"},
      {error(429, "RESOURCE_EXHAUSTED", "quota"), EX_TEMPFAIL,
       "firestore:p: status 429 (RESOURCE_EXHAUSTED): quota"},
      {error(409, "ABORTED", "contention"), EX_TEMPFAIL,
       "firestore:p: status 409 (ABORTED): contention"},
      {error(400, "FAILED_PRECONDITION",
             "The query requires an index. You can create it here: "
             "https://example.com/x"),
       EX_CONFIG,
       "firestore:p: status 400 (FAILED_PRECONDITION): The query requires an "
       "index. You can create it here: https://example.com/x; "
       "share/firestore.indexes.json has every index that is needed"},
      {{502, "<html>", {}, "text/html"},
       EX_TEMPFAIL,
       "firestore:p: status 502"},
      {{403, R"([{"error":{"code":403,"status":"PERMISSION_DENIED"}}])"},
       EX_NOPERM,
       "firestore:p: status 403 (PERMISSION_DENIED); the caller needs "
       "roles/datastore.user: gcloud projects add-iam-policy-binding p "
       "--member=MEMBER --role=roles/datastore.user"},
      {{200,
        R"([{"readTime":"x"},{"error":{"code":503,"status":"UNAVAILABLE"}}])"},
       EX_TEMPFAIL,
       "firestore:p: status 503 (UNAVAILABLE)"},
      {{200, "<html>", {}, "text/html"},
       EX_TEMPFAIL,
       "firestore:p: the answer is not JSON"},
  };
  for (const auto& c : cases) {
    INFO(c.message);
    CHECK(failure(c.answer) == std::pair(c.code, std::string(c.message)));
  }
}

TEST_CASE("Writes begin at 500 a second and grow by half in five minutes") {
  mill::WriteRamp ramp;
  CHECK(ramp.wait(500, 10) == 0);
  CHECK(ramp.wait(250, 10) == 1);
  CHECK(ramp.wait(500, 11.5) == 0);
  CHECK(ramp.wait(750, 310) == 0);
  CHECK(ramp.wait(1, 310) == 1);
  CHECK(ramp.wait(10'000, 100'000) == 0);
  CHECK(ramp.wait(1, 100'000) == 1);
}
