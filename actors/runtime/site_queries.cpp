// Questions: answered from the live picture, which has folded everything acknowledged before.
#include "actors/runtime/site.hpp"

namespace strowger::runtime {

void site::extensions(const caller& c, bool only_online,
                      done<std::vector<answer::extension_row>> how) {
  if (!ready_)
    return reply<std::vector<answer::extension_row>>(c, how,
                                                     failure{errc::hub_not_available, {}, 1000});
  hub_->post([=, this] {
    reply<std::vector<answer::extension_row>>(c, how, hub_->rows_of(c.who.tenant, only_online));
  });
}

void site::history(const caller& c, request::history r, done<answer::call_page> how) {
  r.limit = std::clamp<std::size_t>(r.limit, 1, limits::history_page_max);
  // An agent sees its own calls; an admin those of the tenant.
  if (!c.who.admin()) {
    if (r.extension && *r.extension != c.who.number)
      return reply<answer::call_page>(c, how, failure{errc::extension_not_owned, *r.extension, 0});
    r.extension = c.who.number;
  }
  hub_->post([=, this] {
    const auto& t = hub_->tenant(c.who.tenant);
    std::optional<extension_id> of;
    if (r.extension) of = extension_of(c.who.tenant, *r.extension);
    if (of && views::known_extension(t, *of) == nullptr) of.reset();
    reply<answer::call_page>(c, how, views::history_page(t, r, of));
  });
}

void site::stats(const caller& c, done<answer::stats> how) {
  hub_->post([=, this] {
    const auto& t = hub_->tenant(c.who.tenant);
    answer::stats s;
    s.connections = hub_->connections(c.who.tenant);
    s.devices_online = hub_->devices_online(c.who.tenant);
    s.extensions = t.extensions.size();
    s.sessions = t.sessions.size();
    s.calls_active = t.calls.size();
    s.calls_total = t.calls_total;
    s.calls_answered = t.calls_answered;
    s.calls_failed = t.calls_failed;
    const auto finished = std::max<std::uint64_t>(1, t.calls_answered + t.calls_failed);
    s.success_per_mille = t.calls_answered * 1000 / finished;
    s.failure_per_mille = t.calls_failed * 1000 / finished;
    s.journal_position = parts_.store.durable();
    s.journal_events = s.journal_position;
    s.license = license_info(c.who.tenant);
    reply<answer::stats>(c, how, std::move(s));
  });
}

} // namespace strowger::runtime
