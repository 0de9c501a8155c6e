// Engine.IO: a payload that is read comes out as it came in, and never larger than it said.
#include "protocol/socketio/engine.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace strowger::fuzz {

namespace wire = protocol::socketio;

void one(bytes in) {
  const std::string_view text{reinterpret_cast<const char*>(in.data()), in.size()};
  if (const auto packet = wire::read_engine_packet(text))
    check(wire::render_engine_packet(packet->kind, packet->data) == text, "a packet is its bytes");
  const auto packets = wire::read_payload(text);
  if (!packets) return;
  std::string again;
  std::size_t most = 0;
  for (const auto& each : *packets) {
    check(each.data.size() <= in.size(), "no data is larger than what came");
    most += wire::payload_size(each);
    append_to_payload(again, each);
  }
  check(again == text, "a payload is its bytes");
  check(again.size() <= most, "sizes are told in advance");
}

} // namespace strowger::fuzz
