// Test only: the link of a slave as the network shows it: each way in order, late, now and then
// twice, and gone when it is cut. Speaks to both sites as http does.
#pragma once

#include "tests/sim/links/node.hpp"

namespace strowger::sim {

class link_line : public std::enable_shared_from_this<link_line> {
public:
  link_line(sim_threads& threads, site_node& master, site_node& slave) :
      threads_(threads), master_(master), slave_(slave), network_(threads.make()) {}

  void open(const std::string& key) {
    master_.site->find_license({network_, {}, {}}, key,
                               [self = shared_from_this()](outcome<license_id> found) {
                                 const auto* id = std::get_if<license_id>(&found);
                                 if (id == nullptr || self->cut_) return self->cut();
                                 self->opened(*id);
                               });
  }
  bool is_cut() const { return cut_; }

  // Both ends are told, each in its time; what is under way is lost.
  void cut() {
    if (std::exchange(cut_, true)) return;
    network_->post_after(threads_.between(0, 2'000), [self = shared_from_this()] {
      if (self->number_ != 0 && self->master_site_ == self->master_.site.get())
        self->master_site_->link_lost(self->number_);
    });
    network_->post_after(threads_.between(0, 2'000), [self = shared_from_this()] {
      if (self->to_master_ && self->slave_site_ == self->slave_.site.get())
        self->slave_site_->master_lost(self->to_master_.get());
    });
  }
  // What two sites of this line were is gone with their memory: nobody there is told.
  void forget() { cut_ = true; }

private:
  template <class Sink, class Message> struct end : Sink {
    std::weak_ptr<link_line> line;
    void (link_line::*carry)(Message) = nullptr;
    void send(Message what) override {
      if (const auto self = line.lock()) ((*self).*carry)(std::move(what));
    }
    void close(errc) override {
      if (const auto self = line.lock()) self->network_->post([self] { self->cut(); });
    }
  };

  void opened(const license_id& license) {
    if (!master_.up() || !slave_.up()) return cut();
    master_site_ = master_.site.get();
    slave_site_ = slave_.site.get();
    auto down = std::make_shared<end<runtime::slave_sink, link::to_slave>>();
    down->line = weak_from_this();
    down->carry = &link_line::carry_down;
    auto up = std::make_shared<end<runtime::master_sink, link::to_master>>();
    up->line = weak_from_this();
    up->carry = &link_line::carry_up;
    to_master_ = up;
    number_ = master_site_->open_link(license, down);
    slave_site_->master_found(up);
  }

  // In order, and a repeated one right after itself.
  void carry(time_ms& last, bool may_repeat, std::function<void()> arrive) {
    last = std::max(last, threads_.time() + threads_.between(0, threads_.chance(5) ? 3'000 : 20));
    const auto times = may_repeat && threads_.chance(5) ? 2 : 1;
    for (auto left = times; left > 0; --left)
      network_->post_after(last - threads_.time(), [self = shared_from_this(), arrive] {
        if (!self->cut_) arrive();
      });
  }
  void carry_up(link::to_master what) {
    const bool first = std::holds_alternative<link::hello>(what);
    carry(up_, !first, [this, what] { master_site_->link_said(number_, what); });
  }
  void carry_down(link::to_slave what) {
    const bool first = std::holds_alternative<link::welcome>(what);
    carry(down_, !first, [this, what] { slave_site_->master_said(to_master_.get(), what); });
  }

  sim_threads& threads_;
  site_node &master_, &slave_;
  std::shared_ptr<sim_thread> network_;
  runtime::site *master_site_ = nullptr, *slave_site_ = nullptr;
  std::shared_ptr<runtime::master_sink> to_master_;
  runtime::link_number number_ = 0;
  time_ms up_ = 0, down_ = 0;
  bool cut_ = false;
};

} // namespace strowger::sim
