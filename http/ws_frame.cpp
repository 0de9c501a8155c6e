#include "http/ws_frame.hpp"

#include <array>
#include <openssl/evp.h>
#include <utility>

namespace strowger::http {
namespace {

constexpr std::size_t control_bytes_max = 125;
constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::uint64_t read_number(const char* bytes, std::size_t count) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < count; ++i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}

void unmask(char* payload, std::size_t size, const char* mask) {
  if (read_number(mask, 4) == 0) return;
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
}

bool is_control(ws_opcode what) { return static_cast<unsigned>(what) >= 8; }

bool is_known(ws_opcode what) {
  const auto number = static_cast<unsigned>(what);
  return number <= 2 || (number >= 8 && number <= 10);
}

} // namespace

struct ws_reader::header {
  bool last = false, reserved = false, masked = false, stretched = false;
  ws_opcode what{};
  std::uint64_t size = 0;
  std::size_t length = 0; // of the header itself; 0: not whole yet
  char mask[4] = {};

  header(const char* bytes, std::size_t count) {
    if (count < 2) return;
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto second = static_cast<unsigned char>(bytes[1]);
    last = (first & 0x80) != 0;
    reserved = (first & 0x70) != 0;
    what = static_cast<ws_opcode>(first & 0x0f);
    masked = (second & 0x80) != 0;
    size = second & 0x7f;
    const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    const std::size_t whole = 2 + more + (masked ? 4 : 0);
    if (count < whole) return;
    if (more > 0) size = read_number(bytes + 2, more);
    stretched = (more == 2 && size < 126) || (more == 8 && size < 65'536); // a longer form than due
    for (std::size_t i = 0; masked && i < 4; ++i) mask[i] = bytes[2 + more + i];
    length = whole;
  }
};

std::uint16_t ws_reader::take(char* bytes, std::size_t count,
                              const std::function<bool(const ws_message&)>& told) {
  std::size_t used = 0;
  if (partial_.empty()) {
    const auto why = take_all(bytes, count, used, told);
    partial_.assign(bytes + used, count - used);
    return why;
  }
  auto whole = std::exchange(partial_, {});
  whole.append(bytes, count);
  const auto why = take_all(whole.data(), whole.size(), used, told);
  if (used < whole.size()) {
    whole.erase(0, used);
    partial_ = std::move(whole);
  }
  return why;
}

std::uint16_t ws_reader::take_all(char* bytes, std::size_t count, std::size_t& used,
                                  const std::function<bool(const ws_message&)>& told) {
  while (used < count) {
    const header h{bytes + used, count - used};
    if (h.length == 0) return ws_fine;
    if (const auto why = refusal(h); why != ws_fine) return used = count, why;
    if (count - used - h.length < h.size) return ws_fine;
    char* payload = bytes + used + h.length;
    used += h.length + h.size;
    bool go_on = true;
    if (const auto why = take_frame(h, payload, told, go_on); why != ws_fine || !go_on)
      return used = count, why; // nobody listens any more
  }
  return ws_fine;
}

std::uint16_t ws_reader::refusal(const header& h) const {
  if (h.reserved || !h.masked || h.stretched || !is_known(h.what)) return ws_protocol_error;
  if (is_control(h.what))
    return h.last && h.size <= control_bytes_max ? ws_fine : ws_protocol_error;
  const bool goes_on = h.what == ws_opcode::continuation;
  if (goes_on != (began_ != ws_opcode::continuation)) return ws_protocol_error;
  return h.size > message_bytes_max_ - fragments_.size() ? ws_too_big : ws_fine;
}

std::uint16_t ws_reader::take_frame(const header& h, char* payload,
                                    const std::function<bool(const ws_message&)>& told,
                                    bool& go_on) {
  unmask(payload, h.size, h.mask);
  const std::string_view text{payload, h.size};
  if (is_control(h.what)) {
    go_on = told({h.what, text});
    return ws_fine;
  }
  if (h.last && began_ == ws_opcode::continuation) {
    if (h.what == ws_opcode::text && !valid_utf8(text)) return ws_bad_utf8;
    go_on = told({h.what, text});
    return ws_fine;
  }
  if (began_ == ws_opcode::continuation) began_ = h.what;
  fragments_.append(text);
  if (!h.last) return ws_fine;
  const auto whole = std::exchange(fragments_, {});
  const auto what = std::exchange(began_, ws_opcode::continuation);
  if (what == ws_opcode::text && !valid_utf8(whole)) return ws_bad_utf8;
  go_on = told({what, whole});
  return ws_fine;
}

void append_header(std::string& out, ws_opcode what, std::size_t payload_bytes) {
  const std::uint64_t size = payload_bytes;
  out.push_back(static_cast<char>(0x80 | static_cast<unsigned>(what)));
  const std::size_t more = size < 126 ? 0 : size < 65'536 ? 2 : 8;
  out.push_back(static_cast<char>(more == 0 ? size : more == 2 ? 126 : 127));
  for (std::size_t i = more; i > 0; --i) out.push_back(static_cast<char>(size >> (i - 1) * 8));
}

void append_frame(std::string& out, ws_opcode what, std::string_view payload) {
  append_header(out, what, payload.size());
  out.append(payload);
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
  payload.append(reason.substr(0, control_bytes_max - 2));
  std::string out;
  append_frame(out, ws_opcode::close, payload);
  return out;
}

std::uint16_t close_code_of(std::string_view payload) {
  if (payload.empty()) return 1005;
  if (payload.size() == 1) return ws_protocol_error;
  const auto code = static_cast<std::uint16_t>(read_number(payload.data(), 2));
  const bool may_be_sent =
      (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
      (code >= 3000 && code <= 4999);
  if (!may_be_sent) return ws_protocol_error;
  return valid_utf8(payload.substr(2)) ? code : ws_bad_utf8;
}

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t more = first < 0x80             ? 0
                             : (first & 0xe0) == 0xc0 ? 1
                             : (first & 0xf0) == 0xe0 ? 2
                             : (first & 0xf8) == 0xf0 ? 3
                                                      : 4;
    if (more == 4 || text.size() - i <= more) return false;
    std::uint32_t point = more == 0 ? first : first & (0x3fu >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3f);
    }
    constexpr std::array<std::uint32_t, 4> least{0, 0x80, 0x800, 0x10000};
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      return false; // written longer than needed, too large, or half of a pair
    i += more + 1;
  }
  return true;
}

std::string accept_key(std::string_view key) {
  const auto text = std::string{key}.append(accept_guid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 32> coded{};
  const int length = EVP_EncodeBlock(coded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(coded.data()), static_cast<std::size_t>(length)};
}

} // namespace strowger::http
