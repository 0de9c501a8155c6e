#include "actors/runtime/site.hpp"

#include "actors/runtime/decode.hpp"
#include "core/buggify.hpp"
#include "core/planted.hpp"
#include "observe/log.hpp"

namespace strowger::runtime {
namespace {

const storage::stream_key node_stream{tenant_id{"_site"}, node_kind, "0"};

incarnation next_incarnation(const storage::event_store& store) {
  incarnation last = 0;
  for (version from = 1;;) {
    const auto past = store.read_stream(node_stream, from, 1024);
    if (past.empty()) return last + 1;
    last = past.back().version;
    from = past.back().version + 1;
  }
}

} // namespace

site::site(parts with, site_options options) :
    parts_(std::move(with)), options_(options), node_(next_incarnation(parts_.store)) {
  parts_.store.own(node_);
  engine_ = std::make_unique<engine>(
      engine::parts{parts_.store, parts_.vault, parts_.time, parts_.lanes, parts_.storage_failed},
      node_);
  hub_ = std::make_shared<hub>(*engine_, parts_.publisher, parts_.rows, parts_.keeper);
  hub_->world().own_license = [this](const tenant_id& t) { return license_of(t); };
  open_roles();
  parts_.store.listen(
      [weak = std::weak_ptr{hub_}, thread = parts_.publisher](std::vector<storage::record> group) {
        thread->post([weak, group = std::move(group)] {
          if (auto self = weak.lock()) self->commit(group);
        });
      });
  hub_->recover();
  for (const auto& [tenant, t] : hub_->world().tenants) {
    for (const auto& [jti, until] : t.revoked)
      if (!planted(bug::revoked_token_forgotten)) revoked_.insert_or_assign({tenant, jti}, until);
    for (const auto& [agent, until] : t.void_tokens)
      void_until_.insert_or_assign({tenant, agent}, until);
  }
}

site::~site() = default;

void site::start(std::function<void(errc)> started, bool open_now) {
  // node.started ends every attachment of earlier starts: nobody is online until they are back.
  storage::append what{
      node_stream, node_ - 1, {{node_started_tag, std::string{"\x80", 1}}}, {}, {}};
  what.meta.time = parts_.time.now();
  what.meta.principal = "system/node";
  what.done = [this, started = std::move(started), open_now](const storage::append_result& r) {
    const auto ready = [this, error = r.error, started, open_now] {
      if (error != errc::ok) return started(error);
      hub_->start();
      engine_->start_sweeping();
      start_role([this, started, open_now](errc why) {
        if (why == errc::ok && open_now) open();
        if (why == errc::ok) parts_.publisher->post([this] { keep_rest_seats(); });
        started(why);
      });
    };
    if (buggify(point::start_is_slow)) return parts_.publisher->post_after(500, ready);
    parts_.publisher->post(ready);
  };
  parts_.store.submit(std::move(what));
}

bool site::token_revoked(const tenant_id& tenant, const std::string& jti) const {
  std::lock_guard lock{revoked_mutex_};
  return revoked_.contains({tenant, jti});
}

} // namespace strowger::runtime
