#include "actors/runtime/decode.hpp"
#include "cli/archive.hpp"
#include "cli/commands.hpp"
#include "protocol/describe.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

#include <algorithm>
#include <iostream>

namespace strowger {

namespace {
bool reveal_personal = false; // one process prints in one way
}

// Found by argument-dependent lookup when protocol::to_value walks an event.
template <class T> protocol::value to_value(const personal<T>& what) {
  if (what.erased()) return protocol::value{"[erased]"};
  if (!reveal_personal) return protocol::value{"[sealed]"};
  return protocol::to_value(what.reveal());
}

} // namespace strowger

namespace strowger::cli {
namespace {

constexpr std::size_t page = 2048;

struct filter {
  const events_options& o;
  time_ms since = 0, until = 0;

  bool takes(const storage::record& r) const {
    return r.at <= o.to && (o.stream.empty() || r.stream == o.stream) &&
           (o.kind.empty() || r.kind == o.kind) &&
           (o.tenant.empty() || r.tenant.value == o.tenant) && (o.tag.empty() || r.tag == o.tag) &&
           (o.call.empty() || r.stream == o.call || r.meta.correlation == o.call) &&
           (since == 0 || r.meta.time >= since) && (until == 0 || r.meta.time <= until);
  }
};

protocol::value data_of(const storage::record& r, storage::vault& vault) {
  const auto decoded = runtime::decode_record(r, vault);
  if (!decoded) return protocol::value{protocol::value::object{}};
  return std::visit(
      [](const auto& aggregate_event) {
        return std::visit([](const auto& e) { return protocol::to_value(e); }, aggregate_event);
      },
      decoded->event);
}

void print(const storage::record& r, storage::vault& vault) {
  protocol::value line{protocol::value::object{}};
  line.set("position", r.at);
  line.set("time", protocol::rfc3339(r.meta.time));
  line.set("tenant", r.tenant.value);
  line.set("tenant_sequence", r.tenant_sequence);
  line.set("kind", r.kind);
  line.set("stream", r.stream);
  line.set("version", r.version);
  line.set("previous", r.previous);
  line.set("epoch", r.epoch);
  line.set("event", r.tag);
  line.set("principal", r.meta.principal);
  line.set("command_id", r.meta.command.value);
  line.set("correlation", r.meta.correlation);
  line.set("causation", r.meta.causation);
  line.set("data", data_of(r, vault));
  std::cout << protocol::write_json(line) << '\n';
}

constexpr std::string_view kinds[] = {
    agent::spec::kind,   call::spec::kind,  extension::spec::kind, license::spec::kind,
    session::spec::kind, slave::spec::kind, runtime::node_kind};

// Empty: fine. A filter that nothing can pass is a slip of the hand, not a question.
std::string objection(const events_options& o) {
  if (!o.kind.empty() && std::ranges::find(kinds, o.kind) == std::end(kinds)) {
    std::string all;
    for (const auto kind : kinds) all += (all.empty() ? "" : ", ") + std::string{kind};
    return "--kind " + o.kind + ": there is no such kind, there are " + all;
  }
  const auto of_tag = o.tag.substr(0, o.tag.find('.'));
  if (!o.tag.empty() && std::ranges::find(kinds, of_tag) == std::end(kinds))
    return "--tag " + o.tag + ": an event's tag begins with its kind, like call.answered.v1";
  const auto in_a_tenant = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (o.tenant.size() > 63 || !std::ranges::all_of(o.tenant, in_a_tenant))
    return "--tenant " + o.tenant + ": a tenant is named by small letters, digits and -";
  if (o.from > o.to) return "--from is behind --to";
  return {};
}

} // namespace

int events(const events_options& o) {
  reveal_personal = o.reveal;
  filter wanted{o};
  if (const auto why = objection(o); !why.empty()) {
    std::cerr << "strowger events: " << why << '\n';
    return exit_usage;
  }
  if (!o.since.empty() && !protocol::parse_rfc3339(o.since, wanted.since)) {
    std::cerr << "strowger events: --since is no RFC 3339 time\n";
    return exit_usage;
  }
  if (!o.until.empty() && !protocol::parse_rfc3339(o.until, wanted.until)) {
    std::cerr << "strowger events: --until is no RFC 3339 time\n";
    return exit_usage;
  }
  const archive log{o.data_dir};
  for (position from = std::max<position>(1, o.from); from <= o.to;) {
    const auto records = log.store().read_log(from, page);
    if (records.empty()) break;
    for (const auto& r : records)
      if (wanted.takes(r)) print(r, log.vault());
    from = records.back().at + 1;
  }
  return std::cout.flush() ? exit_ok : exit_software;
}

} // namespace strowger::cli
