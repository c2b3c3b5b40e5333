#include "lib/report/croissant.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/numbers.h"
#include "lib/json/json_writer.h"
#include "lib/report/html.h"

namespace mill {

namespace {

constexpr std::string_view kContext = R"({
"@language": "en", "@vocab": "https://schema.org/",
"sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/",
"rai": "http://mlcommons.org/croissant/RAI/", "dct": "http://purl.org/dc/terms/",
"arrayShape": "cr:arrayShape", "citeAs": "cr:citeAs", "column": "cr:column",
"conformsTo": "dct:conformsTo", "containedIn": "cr:containedIn",
"data": {"@id": "cr:data", "@type": "@json"},
"dataType": {"@id": "cr:dataType", "@type": "@vocab"},
"examples": {"@id": "cr:examples", "@type": "@json"},
"equivalentProperty": "cr:equivalentProperty",
"excludes": "cr:excludes", "extract": "cr:extract", "field": "cr:field",
"fileObject": "cr:fileObject", "fileProperty": "cr:fileProperty",
"fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes",
"isArray": "cr:isArray", "isLiveDataset": "cr:isLiveDataset",
"jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5",
"parentField": "cr:parentField", "path": "cr:path",
"recordSet": "cr:recordSet", "references": "cr:references",
"regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
"samplingRate": "cr:samplingRate", "separator": "cr:separator",
"source": "cr:source", "subField": "cr:subField", "transform": "cr:transform"
})";

constexpr std::string_view kSet = "examples";  // the RecordSet's id
constexpr std::string_view kFiles = "parts";   // the FileSet's id

const char* data_type(ColumnType::Kind kind) {
  switch (kind) {
    case ColumnType::kBool: return "sc:Boolean";
    case ColumnType::kInteger: return "sc:Integer";
    case ColumnType::kFloat: return "sc:Float";
    case ColumnType::kTime: return "sc:DateTime";
    default: return "sc:Text";
  }
}

bool is_scalar(ColumnType::Kind kind) {
  return kind != ColumnType::kList && kind != ColumnType::kStruct &&
         kind != ColumnType::kMixed;
}

// A name that needs no escaping in an id and a path.
bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return is_ascii_alphanumeric(c) || c == '_' || c == '-';
  });
}

class Description {
 public:
  Description(const DatasetFolder& folder, const Publication& publication)
      : folder_(folder), publication_(publication), json_(text_) {
    parts_ = folder.parts();
    if (parts_.empty()) parts_.push_back(folder.merged());
  }

  std::string write() && {
    json_.begin_object();
    json_.raw_member("@context", kContext);
    json_.member("@type", "sc:Dataset");
    json_.member("conformsTo", "http://mlcommons.org/croissant/1.1");
    write_about();
    write_distribution();
    json_.key("recordSet");
    json_.begin_array();
    write_splits();
    write_examples();
    json_.end_array();
    json_.end_object();
    return indent_json(text_) + "\n";
  }

 private:
  // {"@id": id} as a reference.
  void reference(std::string_view name, std::string_view id) {
    json_.key(name);
    json_.begin_object();
    json_.member("@id", id);
    json_.end_object();
  }

  void begin(std::string_view type, std::string_view id) {
    json_.begin_object();
    json_.member("@type", type);
    json_.member("@id", id);
    json_.member("name", id);
  }

  void write_about() {
    const std::string name = folder_.text("name");
    json_.member("name", name);
    json_.member("version", folder_.text("version"));
    json_.member("description",
                 counted(folder_.facts().examples, "question", "questions") +
                     " asked on Reddit, each with its best answer, as chat "
                     "examples to train language models on.");
    json_.member("license", kTermsUrl);
    if (!publication_.url.empty()) json_.member("url", publication_.url);
    if (!publication_.creator.empty()) {
      json_.key("creator");
      json_.begin_object();
      json_.member("@type", "sc:Organization");
      json_.member("name", publication_.creator);
      json_.end_object();
    }
    json_.member("datePublished", folder_.text("created_at").substr(0, 10));
    json_.member("inLanguage", publication_.language);
    json_.key("keywords");
    json_.begin_array();
    for (const char* word : {"reddit", "questions and answers", "chat"})
      json_.value(word);
    json_.end_array();
  }

  void write_file(const DatasetFolder::File& file) {
    begin("cr:FileObject", file.name);
    json_.member("contentUrl", file.name);
    json_.member("contentSize", std::to_string(file.bytes) + " B");
    json_.member("encodingFormat", "application/jsonlines");
    json_.member("sha256", file.sha256);
    json_.end_object();
  }

  void write_distribution() {
    json_.key("distribution");
    json_.begin_array();
    for (const DatasetFolder::File& file : folder_.files()) write_file(file);
    for (const DatasetFolder::Further& format : folder_.further())
      for (const DatasetFolder::File& file : format.files) write_file(file);
    begin("cr:FileSet", kFiles);
    json_.member("description", "The files of the splits.");
    json_.member("encodingFormat", "application/jsonlines");
    json_.key("includes");
    json_.begin_array();
    for (const DatasetFolder::File& file : parts_) json_.value(file.name);
    json_.end_array();
    json_.end_object();
    json_.end_array();
  }

  bool is_split() const { return !parts_.front().part.empty(); }

  void write_splits() {
    if (!is_split()) return;
    begin("cr:RecordSet", "splits");
    json_.member("dataType", "cr:Split");
    reference("key", "splits/name");
    json_.key("field");
    json_.begin_array();
    for (const auto& [name, type] :
         {std::pair{"splits/name", "sc:Text"}, {"splits/url", "sc:URL"}}) {
      begin("cr:Field", name);
      json_.member("dataType", type);
      json_.end_object();
    }
    json_.end_array();
    json_.key("data");
    json_.begin_array();
    for (const DatasetFolder::File& file : parts_) {
      json_.begin_object();
      json_.member("splits/name", file.part);
      json_.member("splits/url", file.part == "train" ? "cr:TrainingSplit"
                                 : file.part == "val" ? "cr:ValidationSplit"
                                                      : "cr:TestSplit");
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
  }

  void write_examples() {
    begin("cr:RecordSet", kSet);
    json_.member("description", "One example a line.");
    json_.key("field");
    json_.begin_array();
    if (is_split()) write_split_field();
    for (const auto& [name, type] : folder_.facts().columns.members)
      write_column(name, type);
    json_.end_array();
    json_.end_object();
  }

  void write_split_field() {
    begin("cr:Field", std::string(kSet) + "/split");
    json_.member("dataType", "sc:Text");
    json_.key("references");
    json_.begin_object();
    reference("field", "splits/name");
    json_.end_object();
    json_.key("source");
    json_.begin_object();
    reference("fileSet", kFiles);
    json_.raw_member("extract", R"({"fileProperty":"filename"})");
    // mlcroissant applies it to its own outcome, too.
    json_.raw_member(
        "transform",
        R"({"regex":"^(?:.*\\.)?(train|val|test)(?:\\.jsonl)?$"})");
    json_.end_object();
    json_.end_object();
  }

  void write_array_mark() {
    json_.member("isArray", true);
    json_.member("arrayShape", "-1");
  }

  // Where a value is found: in a column, and there by path.
  void write_source(std::string_view column, const std::string& path) {
    json_.key("source");
    json_.begin_object();
    reference("fileSet", kFiles);
    json_.key("extract");
    json_.begin_object();
    json_.member("column", column);
    json_.end_object();
    if (!path.empty()) {
      json_.key("transform");
      json_.begin_object();
      json_.member("jsonPath", path);
      json_.end_object();
    }
    json_.end_object();
  }

  // A column, if its name is plain and its type can be told: a scalar, a list
  // of scalars, an object or a list of objects of those.
  void write_column(const std::string& name, const ColumnType& type) {
    if (!is_plain_name(name)) return;
    const ColumnType inner =
        type.kind == ColumnType::kList ? type.element() : type;
    const std::string id = std::string(kSet) + "/" + name;
    if (inner.kind != ColumnType::kStruct)
      return write_field(id, type, name, "");
    begin("cr:Field", id);
    if (type.kind == ColumnType::kList) write_array_mark();
    json_.key("subField");
    json_.begin_array();
    for (const auto& [member, its_type] : inner.members)
      if (!is_plain_name(member))
        continue;
      else if (type.kind == ColumnType::kStruct)
        write_field(id + "/" + member, its_type, name, member);
      else if (is_scalar(its_type.kind))
        write_field(id + "/" + member, list_of(its_type), name,
                    "[*]." + member);
    json_.end_array();
    json_.end_object();
  }

  static ColumnType list_of(const ColumnType& type) {
    return {ColumnType::kList, {{"", type}}};
  }

  void write_field(const std::string& id, const ColumnType& type,
                   std::string_view column, const std::string& path) {
    const bool is_list = type.kind == ColumnType::kList;
    const ColumnType::Kind kind = is_list ? type.element().kind : type.kind;
    if (!is_scalar(kind)) return;
    begin("cr:Field", id);
    json_.member("dataType", data_type(kind));
    if (is_list) write_array_mark();
    write_source(column, path);
    json_.end_object();
  }

  const DatasetFolder& folder_;
  const Publication& publication_;
  std::vector<DatasetFolder::File> parts_;
  std::string text_;
  JsonWriter json_;
};

}  // namespace

std::string croissant_json(const DatasetFolder& folder,
                           const Publication& publication) {
  return Description(folder, publication).write();
}

}  // namespace mill
