#include "actors/runtime/fingerprint.hpp"

#include "security/digest.hpp"
#include "storage/codec.hpp"

namespace strowger::runtime {
namespace {

const security::key no_key{}; // a plain digest: nothing here is a secret's keeper

template <class Map> void add(std::map<std::string, std::string>& out, const tenant_id& tenant,
                              const char* kind, const Map& things) {
  things.each([&](const auto& id, const auto& state) {
    out.emplace(tenant.value + "/" + kind + "/" + id.value,
                security::keyed_digest(no_key, {storage::fingerprint(state)}));
  });
}

std::string row_text(const answer::call_row& r) {
  auto at = [](const std::optional<instant>& t) { return t ? std::to_string(t->at) : "-"; };
  return r.caller + "|" + r.callee + "|" + r.state + "|" + r.cause + "|" +
         std::to_string(r.started_at.at) + "|" + at(r.answered_at) + "|" + at(r.ended_at) + "|" +
         std::to_string(r.duration_ms) + "|" + r.transferred_to.value_or("");
}

} // namespace

std::map<std::string, std::string> lines_of(const views::world& w) {
  std::map<std::string, std::string> out;
  for (const auto& [tenant, t] : w.tenants) {
    add(out, tenant, "agent", t.agents);
    add(out, tenant, "extension", t.extensions);
    add(out, tenant, "session", t.sessions);
    add(out, tenant, "call", t.calls);
    add(out, tenant, "license", t.licenses);
    add(out, tenant, "slave", t.slaves);
    t.history.each([&, &name = tenant](position at, const views::history_row& entry) {
      out.emplace(name.value + "/history/" + std::to_string(at),
                  security::keyed_digest(no_key, {row_text(entry.row)}));
    });
  }
  return out;
}

} // namespace strowger::runtime
