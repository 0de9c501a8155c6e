#include "config/options.hpp"

#include <charconv>

namespace strowger::config {
namespace {

constexpr std::size_t list_max = 64; // elements: more is a mistake
constexpr std::size_t value_bytes_max = 4096;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    auto part = text.substr(at, comma - at);
    part.erase(0, part.find_first_not_of(" \t"));
    part.erase(part.find_last_not_of(" \t") + 1);
    if (!part.empty()) parts.push_back(std::move(part));
    at = comma + 1;
  }
  return parts;
}

std::string range_of(const option& o) {
  std::string text =
      "must be a whole number from " + std::to_string(o.min) + " to " + std::to_string(o.max);
  if (!o.unit.empty()) text.append(" (").append(o.unit).append(")");
  return text;
}

struct assigner {
  settings& s;
  const option& o;
  const raw_value& raw;

  std::string operator()(std::string settings::*member) const {
    const auto* text = std::get_if<std::string>(&raw.value);
    if (text == nullptr) return "must be one text, not a list or a map";
    if (text->size() > value_bytes_max) return "is too long";
    if (o.check != nullptr)
      if (auto wrong = o.check(*text); !wrong.empty()) return wrong;
    s.*member = *text;
    return "";
  }

  std::string operator()(std::int64_t settings::*member) const {
    const auto* text = std::get_if<std::string>(&raw.value);
    std::int64_t number = 0;
    if (text == nullptr || raw.in_quotes) return range_of(o);
    const auto* end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end || number < o.min || number > o.max)
      return range_of(o);
    s.*member = number;
    return "";
  }

  std::string operator()(bool settings::*member) const {
    const auto* text = std::get_if<std::string>(&raw.value);
    const auto is = [&](auto... words) { return ((*text == words) || ...); };
    if (text == nullptr || raw.in_quotes) return "must be true or false";
    const bool yes = is("true", "yes", "on") || (!raw.from_file && is("1"));
    const bool no = is("false", "no", "off") || (!raw.from_file && is("0"));
    if (!yes && !no) return "must be true or false";
    s.*member = yes;
    return "";
  }

  std::string operator()(std::vector<std::string> settings::*member) const {
    std::vector<std::string> list;
    if (const auto* given = std::get_if<std::vector<std::string>>(&raw.value))
      list = *given;
    else if (const auto* text = std::get_if<std::string>(&raw.value); text && !raw.from_file)
      list = split(*text);
    else
      return "must be a list of texts";
    if (list.size() > list_max) return "has too many elements";
    for (const auto& element : list)
      if (auto wrong = o.check(element); !wrong.empty()) return "\"" + element + "\" " + wrong;
    s.*member = std::move(list);
    return "";
  }

  std::string operator()(std::vector<turn_server> settings::*member) const {
    const auto* given = std::get_if<std::vector<turn_server>>(&raw.value);
    const auto* list = std::get_if<std::vector<std::string>>(&raw.value);
    if (list != nullptr && list->empty()) { // [] says nothing about what is not in it
      (s.*member).clear();
      return "";
    }
    if (given == nullptr) return "must be a list of {url, username, credential}";
    if (given->size() > list_max) return "has too many elements";
    for (const auto& server : *given)
      if (auto wrong = o.check(server.url); !wrong.empty())
        return "\"" + server.url + "\" " + wrong;
    s.*member = *given;
    return "";
  }
};

} // namespace

std::string assign(settings& s, const option& o, const raw_value& raw) {
  return std::visit(assigner{s, o, raw}, o.where);
}

} // namespace strowger::config
