#include "protocol/link/link.hpp"

#include "protocol/describe.hpp"
#include "protocol/json.hpp"

namespace strowger::protocol::link {
namespace {

template <class T> std::string written(const T& what) {
  value out{value::object{}};
  out.set("type", std::string_view{T::name});
  for_each_field(
      what, [&](std::string_view name, const auto& member) { out.set(name, to_value(member)); });
  return write_json(out);
}

std::string written(const words::alive& what) {
  if (what.sessions.size() <= heartbeats_max) return written<words::alive>(what);
  auto some = what;
  some.sessions.resize(heartbeats_max);
  return written<words::alive>(some);
}

} // namespace

std::string render(const words::to_master& what) {
  return std::visit([](const auto& x) { return written(x); }, what);
}

std::string render(const words::to_slave& what) {
  return std::visit([](const auto& x) { return written(x); }, what);
}

} // namespace strowger::protocol::link
