#include "lib/split_check.h"

#include <charconv>

#include "lib/cli.h"
#include "lib/hash.h"
#include "lib/json_file.h"

namespace mill {

namespace {

std::uint64_t hash_of(std::string_view id) { return first_64_bits(sha256(id)); }

}  // namespace

VersionSplit read_split(const std::string& manifest_path) {
  const JsonFile file(manifest_path);
  const JsonValue manifest = file.object();
  const auto fail = [&](const std::string& what) {
    throw Exit(EX_DATAERR, file.name() + ": " + what);
  };
  VersionSplit version;
  const std::string folder =
      manifest_path.substr(0, manifest_path.rfind('/') + 1);
  for (std::size_t part = 0; part < kPartNames.size(); ++part) {
    std::string ending = ".";
    ending.append(kPartNames[part]).append(".jsonl");
    for (const JsonValue entry : manifest["files"].elements()) {
      const JsonValue name = entry["name"];
      if (name.is_string() && name.string().ends_with(ending))
        version.files[part] = folder + name.string();
    }
    if (version.files[part].empty())
      fail("names no file that ends in " + ending);
  }
  const JsonValue split = manifest["split"];
  std::size_t count = 0;
  for (const JsonValue fraction : split["fractions"].elements())
    if (const auto number = fraction.number(); number && count < 3)
      version.fractions[count++] = *number;
  const std::string_view seed = split["seed"] ? split["seed"].raw() : "";
  const auto [stop, error] =
      std::from_chars(seed.data(), seed.data() + seed.size(), version.seed);
  if (count != 3 || error != std::errc() || stop != seed.data() + seed.size())
    fail("has no split with three fractions and a seed");
  return version;
}

void SplitCheck::add_row(Version& version, std::size_t part,
                         std::string_view id, const TextSignature& text) {
  if (!id.empty())
    version.ids.try_emplace(hash_of(id),
                            Row{rows_, static_cast<std::uint32_t>(part)});
  version.parts[part].texts.add(text);
  version.parts[part].rows.push_back(rows_++);
}

std::optional<SplitCheck::Finding> SplitCheck::add(std::size_t part,
                                                   std::string_view id,
                                                   std::string_view text) {
  const TextSignature signature = sign_(text);
  std::optional<Finding> found;
  const auto find_id = [&](const Version& version, Fault fault) {
    if (found || id.empty()) return;
    const auto row = version.ids.find(hash_of(id));
    if (row != version.ids.end() && row->second.part != part)
      found = Finding{fault, row->second.number, row->second.part, 1};
  };
  const auto find_text = [&](const Version& version, Fault fault) {
    for (std::size_t other = 0; !found && other < 3; ++other) {
      if (other == part) continue;
      if (const auto match = version.parts[other].texts.find(signature))
        found = Finding{fault, version.parts[other].rows[match->number], other,
                        match->similarity};
    }
  };
  find_id(now_, kIdInTwoParts);
  find_id(earlier_, kIdMoved);
  find_text(now_, kNearDuplicateInTwoParts);
  find_text(earlier_, kNearDuplicateMoved);
  add_row(now_, part, id, signature);
  return found;
}

}  // namespace mill
