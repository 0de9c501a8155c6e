#include "config/file.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

namespace strowger::config {
namespace {

// yaml-cpp says "!" for a scalar in quotes and "?" for a plain one.
bool in_quotes(const YAML::Node& node) { return node.Tag() == "!"; }

bool is_group(const std::string& key) {
  return std::ranges::any_of(options(),
                             [&](const option& o) { return o.key.starts_with(key + "."); });
}

std::size_t distance(std::string_view a, std::string_view b) { // Levenshtein
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row.back();
}

class reader {
public:
  explicit reader(std::string name) : name_(std::move(name)) {}

  file_content content;

  void problem(const YAML::Mark& mark, const std::string& text) {
    content.problems.push_back(where(mark) + ": " + text);
  }

  void map(const YAML::Node& node, const std::string& prefix) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const auto& key_node = entry.first;
      const auto mark = key_node.Mark();
      if (!key_node.IsScalar()) {
        problem(mark, "a key must be one word");
        continue;
      }
      const auto key = prefix + key_node.Scalar();
      if (!seen.insert(key).second)
        problem(mark, "the key \"" + key + "\" stands here a second time");
      else
        member(mark, key, entry.second);
    }
  }

private:
  std::string where(const YAML::Mark& mark) const {
    return name_ + ":" + std::to_string(mark.line + 1);
  }

  void member(const YAML::Mark& mark, const std::string& key, const YAML::Node& value) {
    if (const auto* known = find_option(key)) {
      raw_value raw{std::string{}, false, true};
      if (read(mark, key, value, raw)) content.values.push_back({known, raw, where(mark)});
    } else if (!is_group(key)) {
      const auto near = nearest_key(key);
      problem(mark, "unknown key \"" + key + "\"" +
                        (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    } else if (value.IsMap()) {
      map(value, key + ".");
    } else {
      problem(mark, "\"" + key + "\" must be a map");
    }
  }

  bool read(const YAML::Mark& mark, const std::string& key, const YAML::Node& value,
            raw_value& raw) {
    if (value.IsScalar()) {
      raw.value = value.Scalar();
      raw.in_quotes = in_quotes(value);
      return true;
    }
    if (value.IsSequence()) return sequence(key, value, raw);
    problem(mark, "\"" + key + "\" " + (value.IsMap() ? "must not be a map" : "has no value"));
    return false;
  }

  bool sequence(const std::string& key, const YAML::Node& value, raw_value& raw) {
    std::vector<std::string> texts;
    std::vector<turn_server> servers;
    for (const auto& element : value) {
      if (element.IsScalar()) {
        texts.push_back(element.Scalar());
      } else if (element.IsMap()) {
        turn_server server;
        if (!turn(key, element, server)) return false;
        servers.push_back(server);
      } else {
        problem(element.Mark(), "\"" + key + "\" has an element of the wrong kind");
        return false;
      }
    }
    if (!texts.empty() && !servers.empty()) {
      problem(value.Mark(), "\"" + key + "\" mixes texts and maps");
      return false;
    }
    if (servers.empty())
      raw.value = texts;
    else
      raw.value = servers;
    return true;
  }

  bool turn(const std::string& key, const YAML::Node& node, turn_server& out) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const auto& name_node = entry.first;
      const auto& value = entry.second;
      const auto name = name_node.IsScalar() ? name_node.Scalar() : std::string{};
      auto* target = name == "url"          ? &out.url
                     : name == "username"   ? &out.username
                     : name == "credential" ? &out.credential
                                            : nullptr;
      if (target == nullptr || !value.IsScalar() || !seen.insert(name).second) {
        problem(name_node.Mark(),
                "an element of \"" + key + "\" has url, username and credential, each once");
        return false;
      }
      *target = value.Scalar();
    }
    return true;
  }

  std::string name_;
};

} // namespace

std::string nearest_key(std::string_view key) {
  const auto closest = std::ranges::min_element(
      options(), {}, [&](const option& o) { return distance(key, o.key); });
  if (distance(key, closest->key) <= 3) return std::string{closest->key};
  const auto dot = key.rfind('.'); // the right name in the wrong group?
  const auto last = key.substr(dot == key.npos ? 0 : dot + 1);
  const auto same = std::ranges::find_if(options(), [&](const option& o) {
    return o.key.ends_with("." + std::string{last}) || o.key == last;
  });
  return same == options().end() ? "" : std::string{same->key};
}

file_content read_file(const std::string& name, const std::string& text) {
  reader r{name};
  if (text.size() > file_bytes_max) {
    r.content.problems.push_back(name + ":1: the file is too long");
    return r.content;
  }
  try {
    const auto documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      r.content.problems.push_back(name + ":1: the file holds more than one document");
    else if (!documents.empty() && documents[0].IsMap())
      r.map(documents[0], "");
    else if (!documents.empty() && !documents[0].IsNull())
      r.problem(documents[0].Mark(), "the file must be a map of keys");
  } catch (const YAML::Exception& e) {
    r.problem(e.mark, e.msg);
  }
  return r.content;
}

} // namespace strowger::config
