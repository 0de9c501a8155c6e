// The link between a master and its slaves: either side's message. What is read can be written and
// read again, to the same.
#include "protocol/link/link.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace strowger::fuzz {

namespace wire = protocol::link;

namespace {

template <class Any>
void read_again(const outcome<Any>& first, outcome<Any> (*read)(std::string_view)) {
  const auto* what = std::get_if<Any>(&first);
  if (what == nullptr) return;
  const auto text = wire::render(*what);
  const auto second = read(text);
  check(std::holds_alternative<Any>(second), "what was read can be read again");
  check(wire::render(std::get<Any>(second)) == text, "to the same");
}

} // namespace

void one(bytes in) {
  const std::string_view text{reinterpret_cast<const char*>(in.data()), in.size()};
  read_again(wire::parse_to_master(text), wire::parse_to_master);
  read_again(wire::parse_to_slave(text), wire::parse_to_slave);
}

} // namespace strowger::fuzz
