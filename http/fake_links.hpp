// Part of the test double of runtime::gateway (fake_gateway.hpp): the link between master and
// slave, both ends. Remembers what was said; knows one license, by the key "lic-key".
#pragma once

#include "actors/runtime/gateway.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

namespace strowger::http {

class fake_links : public runtime::gateway {
public:
  struct slave_link { // as the master sees it
    license_id license;
    std::shared_ptr<runtime::slave_sink> sink;
    std::vector<link::to_master> said;
    int lost = 0;
  };
  struct master_link { // as a slave sees it
    std::shared_ptr<runtime::master_sink> sink;
    std::vector<link::to_slave> said;
    int lost = 0;
  };

  errc refuse_link_with = errc::ok; // the right key, too
  std::atomic<int> keys_tried{0};

  std::map<runtime::link_number, slave_link> slave_links() {
    std::lock_guard lock{mutex_};
    return slaves_;
  }
  std::vector<master_link> master_links() {
    std::lock_guard lock{mutex_};
    return masters_;
  }

  void find_license(const runtime::caller& c, const std::string& key,
                    runtime::done<license_id> done) override {
    ++keys_tried;
    outcome<license_id> out = license_id{"license-1"};
    if (key != "lic-key") out = failure{errc::token_invalid, {}, 0};
    if (key == "lic-key" && refuse_link_with != errc::ok) out = failure{refuse_link_with, {}, 0};
    c.lane->post([done = std::move(done), out = std::move(out)] { done(out); });
  }
  runtime::link_number open_link(const license_id& of,
                                 std::shared_ptr<runtime::slave_sink> sink) override {
    std::lock_guard lock{mutex_};
    slaves_[++last_].license = of;
    slaves_[last_].sink = std::move(sink);
    return last_;
  }
  void link_said(runtime::link_number link, link::to_master what) override {
    std::lock_guard lock{mutex_};
    auto& from = slaves_.at(link);
    // The answer that a master owes, so that a test sees both ways.
    if (std::holds_alternative<link::hello>(what))
      from.sink->send(
          link::welcome{"license.of." + from.license.value, "key", slave_id{"s-1"}, 7, 3});
    from.said.push_back(std::move(what));
  }
  void link_lost(runtime::link_number link) override {
    std::lock_guard lock{mutex_};
    slaves_.at(link).sink.reset();
    ++slaves_.at(link).lost;
  }
  void master_found(std::shared_ptr<runtime::master_sink> sink) override {
    std::lock_guard lock{mutex_};
    sink->send(link::hello{"slave-1", "here"});
    masters_.push_back({std::move(sink), {}, 0});
  }
  void master_said(const runtime::master_sink* sink, link::to_slave what) override {
    std::lock_guard lock{mutex_};
    of(sink).said.push_back(std::move(what));
  }
  void master_lost(const runtime::master_sink* sink) override {
    std::lock_guard lock{mutex_};
    auto& lost = of(sink);
    lost.sink.reset();
    ++lost.lost;
  }

private:
  master_link& of(const runtime::master_sink* sink) {
    for (auto& each : masters_)
      if (each.sink.get() == sink) return each;
    throw std::logic_error("a master that was not found");
  }

  std::mutex mutex_;
  std::map<runtime::link_number, slave_link> slaves_;
  std::vector<master_link> masters_;
  runtime::link_number last_ = 0;
};

} // namespace strowger::http
