#include "actors/runtime/site_roles.hpp"

namespace strowger::runtime {
namespace {

constexpr duration_ms turn_ms = 200;

} // namespace

void site::open_roles() {
  links_ = std::make_shared<links>(*this);
  upstream_ = std::make_shared<upstream>(*this);
}

void site::start_role(std::function<void(errc)> done) {
  if (options_.role != role::slave) return done(errc::ok);
  upstream_->wake_lease([this, done](errc why) {
    if (why == errc::ok) turn_later();
    done(why);
  });
}

void site::turn_later() {
  parts_.publisher->post_after(turn_ms, [this, weak = std::weak_ptr{upstream_}] {
    const auto self = weak.lock();
    if (!self) return;
    self->turn();
    turn_later();
  });
}

void site::find_license(const caller& c, const std::string& key, done<license_id> how) {
  links_->find(c, key, std::move(how));
}
link_number site::open_link(const license_id& of, std::shared_ptr<slave_sink> sink) {
  return links_->opened(of, std::move(sink));
}
void site::link_said(link_number number, link::to_master what) {
  hub_->post([=, this] { links_->said(number, what); });
}
void site::link_lost(link_number number) {
  hub_->post([=, this] { links_->lost(number); });
}
void site::master_found(std::shared_ptr<master_sink> sink) {
  hub_->post([=, this] { upstream_->found(sink); });
}
void site::master_said(const master_sink* which, link::to_slave what) {
  hub_->post([=, this] { upstream_->said(which, what); });
}
void site::master_lost(const master_sink* which) {
  hub_->post([=, this] { upstream_->lost(which); });
}

} // namespace strowger::runtime
