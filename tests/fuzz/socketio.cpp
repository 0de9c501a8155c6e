// Socket.IO: lines of the input are a client's messages, those that begin with 'b' are binary. What
// is read can be written and read again, to the same.
#include "protocol/socketio/packet.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace strowger::fuzz {

namespace wire = protocol::socketio;
using result = wire::decoder::result;

namespace {

void read_again(const wire::packet& first) {
  const auto text = wire::render(first);
  wire::decoder in;
  wire::packet second;
  auto got = in.text(text, second);
  for (const auto& each : first.attachments) {
    check(got == result::more, "attachments are announced");
    got = in.binary(each, second);
  }
  check(got == result::whole, "what was read can be read again");
  check(wire::render(second) == text, "to the same");
  check(second.attachments == first.attachments, "with the same attachments");
}

} // namespace

void one(bytes in) {
  std::string_view rest{reinterpret_cast<const char*>(in.data()), in.size()};
  wire::decoder reader;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    wire::packet whole;
    const auto got =
        line.starts_with('b') ? reader.binary(line.substr(1), whole) : reader.text(line, whole);
    if (got == result::malformed) return; // the connection ends
    check((got == result::more) == reader.waiting(), "more is awaited, or nothing is");
    if (got == result::whole) read_again(whole);
  }
}

} // namespace strowger::fuzz
