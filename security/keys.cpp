#include "security/keys.hpp"

#include "security/private_file.hpp"
#include "security/seal.hpp"
#include "security/sodium.hpp"

#include <map>
#include <sstream>

namespace strowger::security {
namespace {

struct named_key {
  const char* name;
  key site_keys::*where;
};
constexpr named_key all_keys[] = {{"jwt", &site_keys::jwt},
                                  {"directory", &site_keys::directory},
                                  {"ids", &site_keys::ids},
                                  {"resume", &site_keys::resume},
                                  {"vault", &site_keys::vault}};
constexpr const char* first_line = "strowger-site-keys v1";

std::string text_of(const site_keys& keys) {
  std::string text = std::string{first_line} + "\n";
  for (const auto& [name, where] : all_keys) {
    const key& k = keys.*where;
    char hex[2 * sizeof(key) + 1];
    sodium_bin2hex(hex, sizeof hex, k.data(), k.size());
    text += std::string{name} + " " + hex + "\n";
  }
  return text;
}

site_keys parse(const std::filesystem::path& file, const std::string& text) {
  std::istringstream lines{text};
  std::string line;
  if (!std::getline(lines, line) || line != first_line)
    refuse_key_file(file, "is not a key file of this version; restore it from a backup");
  std::map<std::string, std::string> found;
  for (std::string name, hex; lines >> name >> hex;) found[name] = hex;
  site_keys keys;
  for (const auto& [name, where] : all_keys) {
    const auto& hex = found[name];
    key& k = keys.*where;
    std::size_t length = 0;
    const int bad =
        sodium_hex2bin(k.data(), k.size(), hex.data(), hex.size(), nullptr, &length, nullptr);
    if (bad != 0 || length != k.size())
      refuse_key_file(file, "the key \"" + std::string{name} +
                                "\" is missing or damaged; restore the file "
                                "from a backup");
  }
  return keys;
}

} // namespace

site_keys load_or_create_keys(const std::filesystem::path& file, random_source& random) {
  need_sodium();
  if (const auto text = read_private_file(file)) return parse(file, *text);
  site_keys keys;
  for (const auto& entry : all_keys) keys.*entry.where = random_key(random);
  write_private_file(file, text_of(keys));
  return keys;
}

} // namespace strowger::security
