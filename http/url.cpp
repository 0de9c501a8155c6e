#include "http/url.hpp"

#include <algorithm>

namespace strowger::http {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

bool percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3) return false;
      const int high = hex(text[i + 1]), low = hex(text[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return true;
}

bool parse_target(std::string_view target, std::string& path, protocol::rest::query& query) {
  if (target.empty() || target[0] != '/') return false;
  target = target.substr(0, target.find('#'));
  const auto mark = std::min(target.find('?'), target.size());
  if (!percent_decode(target.substr(0, mark), false, path)) return false;
  for (const auto pair : split_list(target.substr(std::min(mark + 1, target.size())), '&')) {
    const auto equals = std::min(pair.find('='), pair.size());
    std::string name, text;
    if (!percent_decode(pair.substr(0, equals), true, name) ||
        !percent_decode(pair.substr(std::min(equals + 1, pair.size())), true, text))
      return false;
    query.insert_or_assign(std::move(name), std::move(text));
  }
  return true;
}

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
      out += c;
    else
      out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

bool is_host_header(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
    return is_alnum(c) || std::string_view{"-._:[]"}.find(c) != std::string_view::npos;
  });
}

std::string host_of(std::string_view text) {
  if (!is_host_header(text)) return {};
  if (text[0] == '[') {
    const auto end = text.find(']');
    return std::string{end == text.npos ? std::string_view{} : text.substr(1, end - 1)};
  }
  std::string host{text.substr(0, text.find(':'))};
  std::ranges::transform(host, host.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return host;
}

std::string loggable(std::string_view path) {
  constexpr std::size_t word_bytes_max = 20; // the longest word of a route is shorter
  std::string out;
  for (const auto segment : split_list(path, '/')) {
    out += '/';
    out += segment.size() > word_bytes_max ? std::string_view{"..."} : segment;
  }
  return out.empty() ? "/" : out;
}

std::vector<std::string_view> split_list(std::string_view header, char separator) {
  std::vector<std::string_view> out;
  while (!header.empty()) {
    const auto end = std::min(header.find(separator), header.size());
    auto item = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    if (!item.empty()) out.push_back(item);
  }
  return out;
}

std::string_view cookie(std::string_view cookie_header, std::string_view name) {
  for (const auto pair : split_list(cookie_header, ';'))
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  return {};
}

} // namespace strowger::http
