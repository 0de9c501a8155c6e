#include "protocol/json.hpp"

#include <boost/version.hpp>
static_assert(BOOST_VERSION == 108100, "Boost 1.81 headers are expected under .deps/");

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace strowger::protocol {
namespace {

// Builds the tree while Boost.JSON walks the text. Boost's own value keeps the last of two equal
// names, which two readers of one message may see differently: refused here.
struct builder {
  static constexpr std::size_t max_array_size = 65'536;
  static constexpr std::size_t max_object_size = 4'096;
  static constexpr std::size_t max_key_size = 4'096;
  static constexpr std::size_t max_string_size = limits::engine_payload_bytes_max;

  using code = boost::json::error_code;
  using view = boost::json::string_view;

  value root;
  std::vector<value> open;        // containers not yet closed
  std::vector<std::string> names; // pending member names, one per open object with one
  std::string text;

  void put(value what) {
    if (open.empty()) {
      root = std::move(what);
    } else if (auto* items = std::get_if<value::array>(&open.back().data)) {
      items->push_back(std::move(what));
    } else {
      open.back().as_object()->push_back({std::move(names.back()), std::move(what)});
      names.pop_back();
    }
  }
  bool close() {
    auto done = std::move(open.back());
    open.pop_back();
    put(std::move(done));
    return true;
  }

  bool on_document_begin(code&) { return true; }
  bool on_document_end(code&) { return true; }
  bool on_object_begin(code&) { return open.emplace_back(value::object{}), true; }
  bool on_object_end(std::size_t, code&) { return close(); }
  bool on_array_begin(code&) { return open.emplace_back(value::array{}), true; }
  bool on_array_end(std::size_t, code&) { return close(); }
  bool on_key_part(view s, std::size_t, code&) { return text.append(s.data(), s.size()), true; }
  bool on_key(view s, std::size_t, code& ec) {
    text.append(s.data(), s.size());
    if (open.back().find(text)) {
      ec = boost::json::error::syntax;
      return false;
    }
    names.push_back(std::move(text));
    text.clear();
    return true;
  }
  bool on_string_part(view s, std::size_t, code&) { return text.append(s.data(), s.size()), true; }
  bool on_string(view s, std::size_t, code&) {
    text.append(s.data(), s.size());
    put(value{std::move(text)});
    text.clear();
    return true;
  }
  bool on_number_part(view, code&) { return true; }
  bool on_int64(std::int64_t n, view, code&) { return put(value{n}), true; }
  bool on_uint64(std::uint64_t n, view, code&) { return put(value{static_cast<double>(n)}), true; }
  bool on_double(double n, view, code&) { return put(value{n}), true; }
  bool on_bool(bool on, code&) { return put(value{on}), true; }
  bool on_null(code&) { return put(value{}), true; }
  bool on_comment_part(view, code&) { return true; }
  bool on_comment(view, code&) { return true; }
};

// Length of the valid UTF-8 sequence at the front, 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const auto lead = byte(0);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC2 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                           : lead < 0xF5 ? 4
                                         : 0;
  if (size == 0 || s.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
      (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F))
    return 0;
  return size;
}

void write_text(std::string& out, std::string_view s) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  while (!s.empty()) {
    const char c = s[0];
    const auto size = utf8_length(s);
    if (size == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += {'\\', 'u', '0', '0', hex[(c >> 4) & 15], hex[c & 15]};
      }
    } else {
      out.append(s.substr(0, size));
    }
    s.remove_prefix(std::max<std::size_t>(size, 1));
  }
  out += '"';
}

void write(std::string& out, const value& v, fractions how) {
  if (v.is_null()) {
    out += "null";
  } else if (const auto* on = v.as_bool()) {
    out += *on ? "true" : "false";
  } else if (const auto* text = v.as_text()) {
    write_text(out, *text);
  } else if (const auto* items = v.as_array()) {
    char before = '[';
    for (const auto& item : *items) {
      out += before;
      write(out, item, how);
      before = ',';
    }
    out += items->empty() ? "[]" : "]";
  } else if (const auto* members = v.as_object()) {
    char before = '{';
    for (const auto& m : *members) {
      out += before;
      write_text(out, m.name);
      out += ':';
      write(out, m.content, how);
      before = ',';
    }
    out += members->empty() ? "{}" : "}";
  } else if (std::int64_t number = 0; v.as_integer(number)) {
    out += std::to_string(number);
  } else if (const auto* fraction = std::get_if<double>(&v.data);
             how == fractions::kept && std::isfinite(*fraction)) {
    char digits[32];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, *fraction).ptr);
  } else {
    out += "null"; // Infinity would not be JSON
  }
}

} // namespace

outcome<value> parse_json(std::string_view text, std::size_t depth_max) {
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::basic_parser<builder> parser{options};
  boost::json::error_code ec;
  const auto used = parser.write_some(false, text.data(), text.size(), ec);
  // What follows the document may only be white space.
  const auto rest = text.substr(std::min(used, text.size())).find_first_not_of(" \t\r\n");
  if (ec || rest != std::string_view::npos)
    return failure{errc::malformed_json, "at byte " + std::to_string(used), 0};
  return std::move(parser.handler().root);
}

std::string write_json(const value& what, fractions how) {
  std::string out;
  write(out, what, how);
  return out;
}

} // namespace strowger::protocol
