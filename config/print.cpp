#include "config/print.hpp"

#include "config/options.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace strowger::config {
namespace {

constexpr std::size_t line_width = 96;

struct printer {
  const settings& s;

  std::string operator()(std::string settings::*m) const { return "\"" + s.*m + "\""; }
  std::string operator()(std::int64_t settings::*m) const { return std::to_string(s.*m); }
  std::string operator()(bool settings::*m) const { return s.*m ? "true" : "false"; }
  std::string operator()(std::vector<std::string> settings::*m) const {
    std::string text;
    for (const auto& element : s.*m) text += (text.empty() ? "" : ", ") + element;
    return "[" + text + "]";
  }
  std::string operator()(std::vector<turn_server> settings::*m) const {
    std::string text;
    for (const auto& server : s.*m)
      text += (text.empty() ? "" : ", ") + server.url + " (credential " +
              (server.credential.empty() ? "not set" : "set") + ")";
    return "[" + text + "]";
  }
};

std::string secret_text(const option& o, const settings& s) {
  const auto* member = std::get_if<std::string settings::*>(&o.where);
  return member == nullptr || (s.**member).empty() ? "(not set)" : "(set)";
}

bool is_list(const option& o) { return o.where.index() >= 3; }
bool is_text(const option& o) { return o.where.index() == 0; }

// Secrets, and what depends on --dev, stand in the example as comments.
bool commented(const option& o) { return o.secret || !o.dev_preset.empty(); }

std::string yaml_default(const option& o) {
  if (is_list(o)) return "[]";
  const bool plain = is_text(o) && !o.preset.empty();
  if (!is_text(o) || plain) return std::string{o.preset};
  return "\"" + std::string{o.preset} + "\"";
}

void add_comment(std::string& out, const std::string& indent, const std::string& text) {
  std::istringstream words{text};
  std::string line;
  for (std::string word; words >> word;) {
    if (!line.empty() && indent.size() + 2 + line.size() + 1 + word.size() > line_width) {
      out += indent + "# " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  out += indent + "# " + line + "\n";
}

std::string bounds_and_names(const option& o) {
  std::string text{o.sentence};
  if (o.max > o.min) {
    text += " From " + std::to_string(o.min) + " to " + std::to_string(o.max);
    text.append(o.unit.empty() ? "" : " ").append(o.unit).append(".");
  }
  if (!o.env.empty()) {
    auto name = std::string{o.env};
    if (name.back() == '#') name = name.substr(0, name.size() - 1) + "01, 02, ..";
    text += " Environment: " + name + ".";
  }
  if (!o.flag.empty()) text.append(" Flag: ").append(o.flag).append(".");
  return text;
}

std::vector<std::string> groups_of(std::string_view key) {
  std::vector<std::string> groups;
  for (auto dot = key.find('.'); dot != key.npos; dot = key.find('.', dot + 1))
    groups.emplace_back(key.substr(0, dot));
  return groups;
}

bool all_commented(const std::string& group) {
  return std::ranges::all_of(
      options(), [&](const option& o) { return !o.key.starts_with(group + ".") || commented(o); });
}

std::string last_word(std::string_view key) {
  const auto dot = key.rfind('.');
  return std::string{dot == key.npos ? key : key.substr(dot + 1)};
}

} // namespace

std::string check_text(const loaded& l) {
  std::string text;
  for (const auto& line : l.problems) text += "problem: " + line + "\n";
  for (const auto& line : l.warnings) text += "warning: " + line + "\n";
  if (l.problems.empty()) text += "The configuration is good.\n";
  return text;
}

std::string show_text(const loaded& l) {
  std::string text;
  for (const auto& o : options()) {
    const auto value = o.secret ? secret_text(o, l.values) : std::visit(printer{l.values}, o.where);
    const auto origin = l.origins.find(o.key);
    text += std::string{o.key} + ": " + value + "  # " +
            (origin == l.origins.end() ? "default" : origin->second) + "\n";
  }
  return text;
}

std::string example_file() {
  std::string out = "# Every setting with its default. A flag beats the environment, which beats "
                    "this file.\n# Check with: strowger config check --config FILE\n";
  std::set<std::string> opened;
  for (const auto& o : options()) {
    const auto groups = groups_of(o.key);
    if (groups.empty() || !opened.contains(groups.front())) out += "\n";
    for (std::size_t depth = 0; depth < groups.size(); ++depth)
      if (opened.insert(groups[depth]).second)
        out += std::string(2 * depth, ' ') + (all_commented(groups[depth]) ? "# " : "") +
               last_word(groups[depth]) + ":\n";
    const std::string indent(2 * groups.size(), ' ');
    add_comment(out, indent, bounds_and_names(o));
    out += indent + (commented(o) ? "# " : "") + last_word(o.key) + ": " + yaml_default(o) + "\n";
  }
  return out;
}

std::string example_environment() {
  std::string out = "# Environment variables of strowger serve; each beats config.yml. Written for "
                    "`set -a; . ./env; set +a`.\n";
  const auto add = [&](const std::string& name, const std::string& value) {
    out += "#" + name + "=" + value + "\n";
  };
  for (const auto& o : options()) {
    if (o.env.empty()) continue;
    out += "\n";
    add_comment(out, "", std::string{o.sentence});
    if (o.env.ends_with('#'))
      add(std::string{o.env.substr(0, o.env.size() - 1)} + "01", "stun:stun.example:3478");
    else
      add(std::string{o.env}, std::string{o.preset});
    if (o.env == "TURN_SERVER") {
      add("TURN_USERNAME", "");
      add("TURN_PASSWORD", "");
    }
  }
  return out;
}

} // namespace strowger::config
