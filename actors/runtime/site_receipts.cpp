// Receipts: that a session was given a seat, or was not, by the event that says so, signed. The
// session's id is unguessable: who knows it may ask.
#include "actors/runtime/decode.hpp"
#include "actors/runtime/site_roles.hpp"

namespace strowger::runtime {
namespace {

constexpr std::size_t scan_page = 1'024;

template <class Event>
std::optional<Event> event_of(const storage::record& r, storage::vault& vault) {
  const auto e = decode_record(r, vault);
  const auto* found = e ? std::get_if<Event>(&e->event) : nullptr;
  return found == nullptr ? std::nullopt : std::optional{*found};
}

// The event that gave this session its seat. Not behind the session's own end.
std::optional<storage::record> seat_event(const storage::event_store& store, storage::vault& vault,
                                          const storage::record& opened,
                                          const std::string& license) {
  const auto gives = [&](const storage::record& r) {
    if (r.stream != license || r.kind != license::spec::kind || r.tenant != opened.tenant)
      return false;
    if (r.tag != license::seat_taken::tag && r.tag != license::seat_shared::tag) return false;
    const auto e = event_of<license::event>(r, vault);
    if (!e) return false;
    if (const auto* x = std::get_if<license::seat_taken>(&*e))
      return x->session.value == opened.stream;
    return std::get<license::seat_shared>(*e).session.value == opened.stream;
  };
  for (std::size_t seen = 0; seen < limits::receipt_scan_max; seen += scan_page) {
    const auto page = store.read_log(opened.at + 1 + seen, scan_page);
    for (const auto& r : page) {
      if (gives(r)) return r;
      const bool over = r.stream == opened.stream && r.tag == session::closed::tag;
      if (over) return {};
    }
    if (page.size() < scan_page) return {};
  }
  return {};
}

} // namespace

void site::statement_key(const caller& c, done<answer::statement_key> how) {
  using out = answer::statement_key;
  if (parts_.signer == nullptr) return reply<out>(c, how, failure{errc::wrong_role, {}, 0});
  reply<out>(c, how, out{parts_.signer->key_id(), parts_.signer->public_pem()});
}

void site::seat_receipt(const caller& c, const session_id& id, done<answer::seat_receipt> how) {
  using out = answer::seat_receipt;
  if (!ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (parts_.signer == nullptr) return reply<out>(c, how, failure{errc::wrong_role, {}, 0});
  hub_->post([=, this] {
    // Anybody may ask, for any tenant: one that is not there must not come to be by it.
    const auto& tenants = hub_->world().tenants;
    const auto found = tenants.find(c.who.tenant);
    if (found == tenants.end()) return reply<out>(c, how, failure{errc::session_unknown, {}, 0});
    out row;
    row.session = id;
    row.license = license_of(c.who.tenant);
    // A slave's license is known by the name that its master gave it.
    if (const auto* s = known_license(c.who.tenant, row.license); s != nullptr && s->delegated())
      if (const auto says = security::check_license(s->document, s->signer))
        row.license = says->license;
    if (const auto* at = hub_->tenant(c.who.tenant).seat_at.get(id)) row.position = *at;
    const bool room = ++receipts_under_way_ <= limits::receipts_under_way_max;
    const auto find = [=, this] {
      find_receipt(c, row, how);
      --receipts_under_way_;
    };
    if (room && work_slowly(find)) return;
    --receipts_under_way_;
    reply<out>(c, how, failure{errc::busy, {}, busy_for_ms});
  });
}

// On the work thread: it reads the log.
void site::find_receipt(const caller& c, answer::seat_receipt row, done<answer::seat_receipt> how) {
  using out = answer::seat_receipt;
  const auto unknown = [&] { reply<out>(c, how, failure{errc::session_unknown, {}, 0}); };
  auto& store = parts_.store;
  const storage::stream_key session{c.who.tenant, session::spec::kind, row.session.value};
  const auto past = store.read_stream(session, 1, 2); // opened, and closed when it was refused
  const auto first =
      past.empty() ? std::nullopt : event_of<session::event>(past.front(), parts_.vault);
  const auto* opened = first ? std::get_if<session::opened>(&*first) : nullptr;
  if (opened == nullptr || opened->kind != session::session_kind::licensed) return unknown();
  row.agent = opened->agent;
  const auto second =
      past.size() < 2 ? std::nullopt : event_of<session::event>(past.back(), parts_.vault);
  const auto* over = second ? std::get_if<session::closed>(&*second) : nullptr;
  std::optional<storage::record> proof;
  if (over != nullptr && !over->code.empty()) {
    row.code = over->code;
    proof = past.back();
  } else if (row.position != 0) {
    if (auto at = store.read_log(row.position, 1); !at.empty()) proof = std::move(at.front());
  } else {
    proof = seat_event(store, parts_.vault, past.front(), license_of(c.who.tenant).value);
  }
  if (!proof) return unknown();
  row.granted = row.code.empty();
  if (row.granted) row.code = license::code_of(errc::ok);
  row.position = proof->at;
  row.event = proof->tag;
  row.stream = proof->kind + "/" + proof->stream;
  row.version = proof->version;
  row.at = instant{proof->meta.time};
  row.key_id = parts_.signer->key_id();
  row.statement = parts_.signer->sign(security::receipt_statement{
      row.license, row.agent, row.session, row.granted, row.code, row.position, parts_.time.now(),
      row.event, row.stream, row.version, proof->meta.time});
  reply<out>(c, how, std::move(row));
}

} // namespace strowger::runtime
