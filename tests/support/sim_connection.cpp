#include "core/buggify.hpp"
#include "tests/support/sim_client.hpp"

namespace strowger::sim {

sim_connection::sim_connection(sim_world& world, sim_client& client) :
    world_(world), client_(&client), tenant_(client.tenant()), number_(client.number()),
    lane_(world.any_lane()), up_(world.threads.make()), down_(world.threads.make()) {
  world_.opened(this);
}
sim_connection::~sim_connection() { world_.closed(this); }

const tenant_id& sim_connection::tenant() const { return tenant_; }
const std::string& sim_connection::number() const { return number_; }

void sim_connection::push(std::shared_ptr<const notice::any> what, client_position at) {
  world_.audit.leaving(at);
  if (refused_ || buggify(point::push_is_refused)) { // its queue is full: it is closed
    if (!std::exchange(refused_, true)) close(errc::session_closed);
    return;
  }
  lane_->post([self = shared_from_this(), what, at] { // the answer with the device came before it
    self->world_.audit.pushed({self->tenant_, self->device_}, at, *what);
    self->reply([what, at](sim_client& c) { c.on_message(*what, at); });
  });
}

void sim_connection::close(errc) {
  lane_->post([self = shared_from_this()] { self->close_here("closed by the server"); });
}

void sim_connection::close_here(const char* reason) {
  if (!server_open_) return;
  server_open_ = false;
  world_.closed(this);
  if (!device_.empty() && world_.running()) {
    world_.site().detach(tenant_, device_, this, reason);
    if (buggify(point::loss_is_told_twice)) world_.site().detach(tenant_, device_, this, reason);
  }
  down_->post([self = shared_from_this()] {
    if (auto* c = std::exchange(self->client_, nullptr)) c->on_closed();
  });
}

void sim_connection::attached(const answer::attached& a) {
  world_.audit.attached(tenant_, a.device);
  device_ = a.device;
  if (!server_open_) return world_.site().detach(tenant_, a.device, this, "lost while attaching");
  joined_ = true;
  reply([a](sim_client& c) { c.on_attached(a); });
}

void sim_connection::refused(errc why) {
  reply([why](sim_client& c) { c.on_refused(why); });
  server_open_ = false;
  world_.closed(this);
}

void sim_connection::reply(std::function<void(sim_client&)> what) {
  if (!server_open_) return;
  down_->post([self = shared_from_this(), what = std::move(what)] {
    if (self->client_ != nullptr) what(*self->client_);
  });
}

void sim_connection::to_server(std::function<void()> what) {
  up_->post([self = shared_from_this(), what = std::move(what)] {
    self->lane_->post([self, what] {
      if (self->server_open_) what();
    });
  });
}

void sim_connection::vanish() {
  const auto self = shared_from_this();
  client_ = nullptr;
  up_->kill();
  down_->kill();
  const auto late = buggify(point::loss_is_noticed_late) ? 22'000 : 0;
  lane_->post_after(world_.threads.between(0, 3'000) + late, [self] { self->close_here("lost"); });
}

void sim_connection::cut() {
  const auto self = shared_from_this(); // its own jobs may be all that holds it
  server_open_ = false;
  up_->kill();
  down_->kill();
  if (auto* c = std::exchange(client_, nullptr)) c->on_closed();
}

void sim_connection::check_presence(const tenant_id& tenant, const std::string& number,
                                    std::uint32_t count) const {
  if (client_ == nullptr || !client_->subscribed_ || tenant != tenant_) return;
  const auto it = client_->presence_.find(number);
  if (it == client_->presence_.end() || it->second != count)
    world_.audit.fail(client_->name() + " believes wrongly who is online at " + number);
}

} // namespace strowger::sim
