#include "observe/lines.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace strowger::log {
namespace {

constexpr std::string_view redacted = "[redacted]";
constexpr std::array<std::string_view, 4> level_names = {"debug", "info", "warning", "error"};

std::string rfc3339(time_ms now) {
  const auto seconds = static_cast<std::time_t>(now / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(now % 1000));
  return text.data();
}

// Length of the well-formed UTF-8 sequence at `at` (RFC 3629), 0 when there is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) > 0x9f;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool too_high = first == 0xf4 && byte(1) > 0x8f;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

void append_control(std::string& out, unsigned char c) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(c));
  out += text.data();
}

// Escapes control characters; quotes and backslashes too when the text stands inside quotes.
void append_escaped(std::string& out, std::string_view text, bool quoted) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto length = utf8_length(text, i);
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (quoted && (c == '"' || c == '\\')) {
      out += '\\';
      out += text[i];
    } else if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20 || c == 0x7f) {
      append_control(out, c);
    } else {
      out.append(text, i, length);
    }
    i += std::max<std::size_t>(length, 1);
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, true);
  out += '"';
}

bool names_a_secret(std::string_view key) {
  static constexpr std::array<std::string_view, 9> words = {
      "token",      "password",      "secret", "sdp", "candidate",
      "credential", "authorization", "cookie", "jwt"};
  return std::ranges::any_of(words, [&](auto word) { return key.find(word) != key.npos; });
}

bool token_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
}

// A JWT begins with base64url('{"'): eyJ; it has two dots and is long.
std::string without_tokens(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto found = text.find("eyJ", i);
    if (found == text.npos) return out.append(text.substr(i));
    auto end = found;
    while (end < text.size() && token_letter(text[end])) ++end;
    const auto run = text.substr(found, end - found);
    const bool token = run.size() > 20 && std::ranges::count(run, '.') >= 2;
    out.append(text.substr(i, found - i)).append(token ? redacted : run);
    i = end;
  }
  return out;
}

} // namespace

std::string presentable(std::string_view key, std::string_view value) {
  if (names_a_secret(key) || value.substr(0, 4) == "v=0\r" || value.substr(0, 4) == "v=0\n")
    return std::string{redacted};
  return without_tokens(value);
}

std::string json_line(time_ms now, level how, std::string_view text,
                      std::span<const field> fields) {
  std::string line = R"({"time":")" + rfc3339(now) + R"(","level":")";
  line += level_names[static_cast<std::size_t>(how)];
  line += R"(","message":)";
  append_json_string(line, presentable("", text));
  for (const auto& [key, value] : fields) {
    line += ',';
    append_json_string(line, key);
    line += ':';
    if (const auto* words = std::get_if<std::string_view>(&value))
      append_json_string(line, presentable(key, *words));
    else if (const auto* flag = std::get_if<bool>(&value))
      line += *flag ? "true" : "false";
    else
      line += std::to_string(std::get<std::int64_t>(value));
  }
  return line += '}';
}

std::string text_line(time_ms now, level how, std::string_view text,
                      std::span<const field> fields) {
  std::string line = rfc3339(now) + ' ';
  const auto name = level_names[static_cast<std::size_t>(how)];
  line.append(name).append(8 - name.size(), ' ');
  append_escaped(line, presentable("", text), false);
  for (const auto& [key, value] : fields) {
    line.append(" ").append(key).append("=");
    if (const auto* words = std::get_if<std::string_view>(&value))
      append_escaped(line, presentable(key, *words), false);
    else if (const auto* flag = std::get_if<bool>(&value))
      line += *flag ? "true" : "false";
    else
      line += std::to_string(std::get<std::int64_t>(value));
  }
  return line;
}

} // namespace strowger::log
