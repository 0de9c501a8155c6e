// Test only: who lives in a random play, and what they feel like doing.
#pragma once

#include "tests/support/sim_client.hpp"

namespace strowger::sim {

// A licensed agent at its softphone: signs in for a seat, keeps it by heartbeats, signs out.
class sim_agent {
public:
  sim_agent(sim_world& world, tenant_id tenant, std::string username);
  void act();
  void lose_connection() { busy_ = false; } // the server is gone; what was asked stays unknown

private:
  sim_world& world_;
  tenant_id tenant_;
  std::string username_;
  principal who_;
  std::vector<principal> windows_; // signed in there, too
  bool busy_ = false;              // an answer is awaited
  std::uint64_t sign_ins_ = 0;
};

// Registers for an extension that others want too, until it has one.
class sim_newcomer {
public:
  sim_newcomer(sim_world& world, std::string username, std::string name);
  void act();
  void lose_connection() { busy_ = false; }

private:
  sim_world& world_;
  std::string username_, name_, number_;
  std::uint64_t tries_ = 0; // each with a command of its own
  bool busy_ = false, done_ = false;
};

class people {
public:
  explicit people(sim_world& world);
  void act();         // somebody does something
  void connect_all(); // everybody who is away comes back
  void vanish_all();
  void answer_all_pending(); // whatever was not answered is sent again
  void server_is_gone();
  void check_at_rest();
  bool all_connected() const;

private:
  void act_as(sim_client& c);
  void act_in_call(sim_client& c, const call_id& id, const call_view& view);
  std::optional<request::call_action> something_to_do(const call_view& view);
  void meddle(sim_client& c); // with a call that may not be its own
  std::string some_number();
  void speak(sim_client& c); // to its session
  void answer_together();    // everybody whom the same call rings

  sim_world& world_;
  std::vector<std::unique_ptr<sim_client>> clients_;
  std::vector<std::unique_ptr<sim_agent>> agents_;
  std::vector<std::unique_ptr<sim_newcomer>> newcomers_;
  std::vector<call_id> seen_;
  std::uint64_t words_ = 0;
};

} // namespace strowger::sim
