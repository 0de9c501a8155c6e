#include "protocol/link/link.hpp"

#include "protocol/json.hpp"
#include "protocol/reader.hpp"

#include <algorithm>
#include <array>

namespace strowger::protocol::link {
namespace {

constexpr std::int64_t safe_integer_max = 9'007'199'254'740'991; // 2^53 - 1
constexpr std::size_t pem_bytes_max = 4096;
constexpr std::array<std::string_view, 5> changes{"taken", "shared", "left", "released",
                                                  "softphone"};

std::uint64_t count(reader& in, std::string_view name) {
  return static_cast<std::uint64_t>(in.integer(name, 0, safe_integer_max));
}

instant when(reader& in, std::string_view name) {
  const auto at = in.maybe_time(name);
  if (!at) in.refuse(errc::missing_field, std::string{name});
  return {at.value_or(0)};
}

// The members of a list, each a map of its own; faults name the list, the place and the member.
template <class T, class Read> std::vector<T>
list(const value& message, reader& in, std::string_view name, std::size_t most, const Read& read) {
  std::vector<T> out;
  const auto* found = message.find(name);
  if (!found || found->is_null()) return in.refuse(errc::missing_field, std::string{name}), out;
  const auto* items = found->as_array();
  if (!items) return in.refuse(errc::wrong_type, std::string{name}), out;
  if (items->size() > most) in.refuse(errc::value_out_of_range, std::string{name});
  for (std::size_t i = 0; i < items->size() && in.ok(); ++i) {
    reader inner{(*items)[i]};
    out.push_back(read(inner));
    if (!inner.ok())
      in.refuse(inner.fault().why,
                std::string{name} + "[" + std::to_string(i) + "]." + inner.fault().detail);
  }
  return out;
}

words::seat_change change(reader& in) {
  words::seat_change out;
  out.version = count(in, "version");
  out.position = count(in, "position");
  out.what = in.text("what");
  if (in.ok() && std::ranges::find(changes, out.what) == changes.end())
    in.refuse(errc::value_out_of_range, "what");
  out.holder = agent_id{in.text("holder")};
  out.session = session_id{in.text("session")};
  out.extension = in.maybe_text("extension").value_or("");
  out.at = when(in, "at");
  out.overdrawn = in.flag("overdrawn");
  return out;
}

template <class Any> struct entry {
  std::string_view name;
  Any (*read)(const value& message, reader&);
};
using from_slave = entry<words::to_master>;
using from_master = entry<words::to_slave>;

constexpr std::array to_master_entries{
    from_slave{words::hello::name,
               [](const value&, reader& in) -> words::to_master {
                 auto slave = in.text("slave");
                 return words::hello{std::move(slave), in.maybe_text("title").value_or("")};
               }},
    from_slave{words::ask::name,
               [](const value&, reader& in) -> words::to_master {
                 const auto ask = count(in, "ask");
                 const auto seats = in.integer("seats", 0, limits::seats_max);
                 return words::ask{ask, static_cast<std::uint32_t>(seats)};
               }},
    from_slave{words::report::name,
               [](const value& message, reader& in) -> words::to_master {
                 words::report out{count(in, "from"), count(in, "upto"), {}};
                 out.changes = list<words::seat_change>(message, in, "changes",
                                                        limits::report_changes_max, change);
                 out.mark = in.maybe_text("mark").value_or("");
                 out.anew = in.maybe_flag("anew");
                 return out;
               }},
    from_slave{words::alive::name,
               [](const value& message, reader& in) -> words::to_master {
                 return words::alive{list<words::heartbeat>(
                     message, in, "sessions", heartbeats_max, [](reader& one) {
                       words::heartbeat out{session_id{one.text("session")}, {}};
                       out.at = when(one, "at");
                       return out;
                     })};
               }},
};

constexpr std::array to_slave_entries{
    from_master{words::welcome::name,
                [](const value&, reader& in) -> words::to_slave {
                  words::welcome out;
                  out.license = in.text("license", statement_bytes_max);
                  out.key = in.text("key", pem_bytes_max);
                  out.slave = slave_id{in.text("slave")};
                  out.asks = count(in, "asks");
                  out.upto = count(in, "upto");
                  out.mark = in.maybe_text("mark").value_or("");
                  return out;
                }},
    from_master{words::terms::name,
                [](const value&, reader& in) -> words::to_slave {
                  return words::terms{in.text("license", statement_bytes_max)};
                }},
    from_master{words::lease::name,
                [](const value&, reader& in) -> words::to_slave {
                  return words::lease{in.text("lease", statement_bytes_max)};
                }},
    from_master{words::refused::name,
                [](const value&, reader& in) -> words::to_slave {
                  const auto ask = count(in, "ask");
                  return words::refused{ask, in.text("code")};
                }},
    from_master{words::reported::name,
                [](const value&, reader& in) -> words::to_slave {
                  return words::reported{count(in, "upto")};
                }},
    from_master{words::recall::name,
                [](const value&, reader&) -> words::to_slave { return words::recall{}; }},
};

static_assert(to_master_entries.size() == std::variant_size_v<words::to_master> &&
              to_slave_entries.size() == std::variant_size_v<words::to_slave>);

template <class Any, std::size_t Count>
outcome<Any> parse(std::string_view frame, const std::array<entry<Any>, Count>& entries) {
  const auto tree = parse_json(frame);
  if (const auto* why = std::get_if<failure>(&tree)) return *why;
  const auto& root = std::get<value>(tree);
  reader in{root};
  const auto type = in.ok() ? in.text("type") : std::string{};
  if (!in.ok()) return in.fault();
  for (const auto& e : entries) {
    if (e.name != type) continue;
    auto out = e.read(root, in);
    if (!in.ok()) return in.fault();
    return out;
  }
  return failure{errc::unknown_message, type.substr(0, 64), 0};
}

template <class Entries> std::vector<std::string_view> names_of(const Entries& entries) {
  std::vector<std::string_view> out;
  for (const auto& e : entries) out.push_back(e.name);
  return out;
}

} // namespace

outcome<words::to_master> parse_to_master(std::string_view frame) {
  return parse(frame, to_master_entries);
}

outcome<words::to_slave> parse_to_slave(std::string_view frame) {
  return parse(frame, to_slave_entries);
}

std::vector<std::string_view> names_to_master() { return names_of(to_master_entries); }
std::vector<std::string_view> names_to_slave() { return names_of(to_slave_entries); }

} // namespace strowger::protocol::link
