// The gateway as it is: use cases as short chains of facts (publisher), commands (actors), answers.
#pragma once

#include "actors/runtime/admission.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/hub.hpp"
#include "core/limits.hpp"
#include "observe/metrics.hpp"
#include "security/rate_limit.hpp"
#include "security/statement.hpp"

#include <atomic>
#include <mutex>
#include <set>

namespace strowger::runtime {

enum class role { standalone, master, slave };

struct site_options {
  duration_ms ring_ms = 30'000;
  duration_ms device_grace_ms = 45'000;
  duration_ms session_timeout_ms = 300'000;
  bool webrtc_enabled = true;
  runtime::role role = role::standalone;
  duration_ms lease_ms = 60'000; // a master's: how long a slave has its seats without asking again
  std::string master_key_pem;    // a slave's: the only key it trusts; empty: the first it is shown
  std::string title;             // a slave's name for people
  std::string identity;          // of this very data folder: a copy of it is another slave
};

struct account { // made at start when it is not there yet
  tenant_id tenant{"default"};
  std::string username, email, extension, password;
  std::string typology = "agent";
  std::vector<std::string> roles;
  bool sample = false;
  bool set_password = false; // also where it is there already
};
struct account_found { // under an account's name, when the site starts
  enum class whose { nobodys, ours, somebody_elses }; // somebody's: a sample that was taken over
  whose is = whose::nobodys;
  std::string password; // the one of those tried that signs in, empty: another
};
struct license_terms {
  std::string plan;
  std::uint32_t max_users = 0, webrtc_max_users = 0;
  std::string key; // what slaves sign in with; empty: a random one
};

class site : public gateway {
public:
  struct parts {
    storage::event_store& store;
    storage::vault& vault;
    clock& time;
    id_source& ids;
    password_port& passwords;
    std::vector<std::shared_ptr<executor>> lanes;
    std::shared_ptr<executor> publisher;    // one thread of its own
    std::shared_ptr<executor> work;         // slow things: password hashing
    std::function<void()> storage_failed{}; // any thread: the process must end and fold again
    storage::row_store* rows = nullptr;     // where the picture is kept; null: in memory only
    std::shared_ptr<executor> keeper{};     // the thread that writes it
    machine_clock* machine = nullptr;       // null: leases do not outlive a start
    const security::statement_signer* signer = nullptr; // a master signs with it; null: it cannot
  };

  // Takes the next incarnation and folds the log. Threads may run, with nothing of it to do yet.
  site(parts with, site_options options);
  ~site() override; // after the threads ended and the store was stopped

  // Once the threads run: announces the start in the log, arms deadlines, drives what is owed.
  // Clients are served from then on, or, with `open_now` off, from open().
  void start(std::function<void(errc)> started, bool open_now = true);
  void open() { ready_ = true; }
  // What is there under these names, in their order, and which of `passwords` opens it. Slow: one
  // password hash per password and distinct stored hash (samples share one). Before open.
  void find_accounts(std::vector<account> accounts, std::vector<std::string> passwords,
                     std::function<void(errc, std::vector<account_found>)> found);
  void provision(std::vector<account> accounts, license_terms license,
                 std::function<void(errc)> made);
  void drain() { ready_ = false; } // new work is refused; what runs goes on
  incarnation node() const { return node_; }
  hub& publisher() { return *hub_; }
  engine& actors() { return *engine_; }

  bool ready() const override { return ready_; }
  bool token_revoked(const tenant_id&, const std::string& jti) const override;
  bool tokens_void(const tenant_id&, const agent_id&, time_ms issued_at) const override;
  void login(const caller&, request::login, done<answer::identity>) override;
  void logout(const caller&, done<answer::done>) override;
  void register_agent(const caller&, request::register_agent, done<answer::registered>) override;
  void attach(const caller&, request::attach, std::shared_ptr<device_sink>,
              done<answer::attached>) override;
  void attach(const caller&, request::attach_session, std::shared_ptr<device_sink>,
              done<answer::attached>) override;
  void detach(const tenant_id&, const device_id&, const device_sink*, std::string reason) override;
  void seen(const tenant_id&, const device_id&) override;
  void subscribe_presence(const caller&, const device_id&,
                          done<std::vector<answer::extension_row>>) override;
  void dial(const caller&, const device_id&, request::dial, done<answer::dialled>) override;
  void act(const caller&, const device_id&, const call_id&, request::call_action,
           done<answer::call_state>) override;
  void initiate(const caller&, request::initiate, done<answer::dialled>) override;
  void record(const caller&, const call_id&, request::record,
              done<answer::recordings>) override;
  void recordings(const caller&, const call_id&, done<answer::recordings>) override;
  void recording_ended(const tenant_id&, const call_id&, std::uint32_t, recording_end) override;
  void recording_filed(const tenant_id&, const call_id&, answer::recorded_file,
                       std::function<void(errc)> done) override;
  void watch_calls(std::shared_ptr<call_watcher>) override;
  void tell(const tenant_id&, const device_id&, notice::any) override;
  void after_news(std::function<void()> job) override;
  void media_lost(const tenant_id&, const device_id&, const call_id&) override;
  void note_quality(const tenant_id&, const device_id&, const call_id&,
                    const call_quality&) override;
  void extensions(const caller&, bool only_online,
                  done<std::vector<answer::extension_row>>) override;
  void history(const caller&, request::history, done<answer::call_page>) override;
  void stats(const caller&, done<answer::stats>) override;
  void explain_call(const caller&, std::string from, std::string to,
                    done<answer::explanation>) override;
  void open_session(const caller&, request::open_session, done<answer::session_row>) override;
  void session_offer(const caller&, const session_id&, std::string sdp,
                     done<answer::session_row>) override;
  void session_answer(const caller&, const session_id&, std::string sdp,
                      done<answer::done>) override;
  void session_candidate(const caller&, const session_id&, notice::candidate,
                         done<answer::done>) override;
  void session_dial(const caller&, const session_id&, request::dial,
                    done<answer::dialled>) override;
  void session_act(const caller&, const session_id&, std::optional<call_id>, request::call_action,
                   done<answer::call_state>) override;
  void session_get(const caller&, const session_id&, done<answer::session_row>) override;
  void sessions(const caller&, done<std::vector<answer::session_row>>) override;
  void close_session(const caller&, const session_id&, done<answer::done>) override;
  void heartbeat(const caller&, const session_id&, done<answer::done>) override;
  void licenses(const caller&, done<std::vector<answer::license_row>>) override;
  void license(const caller&, const license_id&, done<answer::license_row>) override;
  void create_license(const caller&, request::license, done<answer::license_row>) override;
  void change_license(const caller&, const license_id&, request::license_change,
                      done<answer::license_row>) override;
  void current_license(const caller&, done<answer::current_license>) override;
  void license_seats(const caller&, const license_id&, done<answer::license_seats>) override;
  void validate_license(const caller&, const license_id&, std::optional<session_id>,
                        done<answer::validation>) override;
  void seat_receipt(const caller&, const session_id&, done<answer::seat_receipt>) override;
  void statement_key(const caller&, done<answer::statement_key>) override;
  void agents(const caller&, request::agents, done<answer::agent_page>) override;
  void agent(const caller&, const agent_id&, done<answer::agent_row>) override;
  void create_agent(const caller&, request::register_agent, done<answer::agent_row>) override;
  void change_agent(const caller&, const agent_id&, request::agent_change,
                    done<answer::agent_row>) override;
  void remove_agent(const caller&, const agent_id&, done<answer::done>) override;
  void sip_config(const caller&, const agent_id&, done<answer::sip_account>) override;
  void find_license(const caller&, const std::string& key, done<license_id>) override;
  link_number open_link(const license_id&, std::shared_ptr<slave_sink>) override;
  void link_said(link_number, link::to_master) override;
  void link_lost(link_number) override;
  void master_found(std::shared_ptr<master_sink>) override;
  void master_said(const master_sink*, link::to_slave) override;
  void master_lost(const master_sink*) override;

private:
  struct target { // what the door knows of whom to ring
    failure why;  // ok: nothing stands in the way
    call::party party;
    std::vector<device_id> rung;
    bool busy = false;
    duration_ms ring_ms = 0;
  };
  struct attachment; // an attach on its way
  struct opening;    // a REST session on its way

  // Ids of people and things (site_facts.cpp). Any thread.
  agent_id agent_of(const tenant_id&, const std::string& username);
  extension_id extension_of(const tenant_id&, const std::string& number);
  license_id license_of(const tenant_id&);
  std::string fresh_id(const caller&, std::string_view kind);
  subject_id subject_of(const caller&);
  std::string resume_token(const tenant_id&, const std::string& number, const device_id&,
                           const session_id&);
  bool parse_resume(const tenant_id&, const std::string& number, const std::string& token,
                    device_id&, session_id&);
  origin origin_of(const caller&, std::string correlation) const;

  // Facts: publisher's thread only.
  target find_target(const tenant_id&, const std::string& number, const device_id& calling);
  target find_echo(const tenant_id&, const device_id& calling);
  call::party party_of(const tenant_id&, const extension_id&);
  std::optional<call_id> call_of(const tenant_id&, const device_id&, bool ringing_only);

  void place(const caller&, const device_id&, request::dial, std::optional<call::description> offer,
             std::vector<call::trickled> candidates, done<answer::dialled>);
  void place_found(const caller&, const device_id&, const request::dial&, target,
                   std::optional<call::description> offer, std::vector<call::trickled> candidates,
                   done<answer::dialled>);
  void placed_before(const caller&, const call_id&, const failure& why, done<answer::dialled>);
  void send_call(const caller&, const call_id&, call::command, done<answer::call_state>);
  void transfer(const caller&, const device_id&, const call_id&, const request::transfer&,
                done<answer::call_state>);
  void party_may(const caller&, const call_id&, std::function<void(errc, const call::state&)>);
  void bring_seat(std::shared_ptr<attachment>);
  void give_back(const attachment&);
  void give_back(const tenant_id&, const session_id& seat);
  void attach_device(std::shared_ptr<attachment>);
  void open_attached(std::shared_ptr<attachment>);
  void join(std::shared_ptr<attachment>);
  void sign_in(const caller&, const request::login&, const agent::state&, const agent_id&,
               done<answer::identity>);
  void note_revoked(const principal&);
  // With `rest` the seat is that session's, and ends with it.
  void take_seat(const caller&, answer::identity, const session_id& rest, done<answer::identity>);
  void refuse_seat(const caller&, const answer::identity&, const session_id&, errc why,
                   done<answer::identity>);
  // What an agent that needs a seat needs to come with a device: its session goes on, or it gets
  // one. Without a session: it needs none (site_beats.cpp).
  void seat_to_come(const caller&, const agent_id& owner, const session_id& rest, done<session_id>);
  void keep_seat(const caller&, const session_id& seat); // a sign of life; not more often than needed
  void keep_rest_seats();
  void renew_seat(const caller&, const session_id&, done<answer::done>);
  void find_receipt(const caller&, answer::seat_receipt, done<answer::seat_receipt>);

  void take_seat_for(const caller&, answer::identity, const session_id&, int asks,
                     done<answer::identity>);
  void ask_for_seat(const caller&, answer::identity, const session_id&, int asks,
                    done<answer::identity>);
  bool too_late(time_ms until) const;
  bool master_near() const; // of a slave's; others are their own

  // Licenses (site_licenses.cpp). Publisher's thread, but for make_licensed.
  std::optional<answer::license_info> license_info(const tenant_id&);
  const license::state* known_license(const tenant_id&, const license_id&); // null: none
  answer::license_row row_of(const license_id&, const license::state&);
  void issue_license(const caller&, const license_id&, license::command, time_ms until,
                     done<answer::license_row>);
  void refuse_fewer_seats(const caller&, const license_id&, done<answer::license_row>);
  void say_status(const caller&, const license_id&, const std::string& status,
                  std::function<void(errc)> done);
  void add_seats_here(const views::tenant_world&, const license::state&, answer::license_seats& to);
  // An agent of a WebRTC typology is to be used: the feature on, and some seats.
  void make_licensed(const tenant_id&, std::function<void(errc)> done);

  // Agents (site_agents.cpp). Any thread.
  struct agent_work; // a change on its way
  void move_agent(std::shared_ptr<agent_work>);
  void write_agent(std::shared_ptr<agent_work>);
  void agent_changed(std::shared_ptr<agent_work>);
  void end_seats(const tenant_id&, const agent_id&);
  void make_void(const tenant_id&, const agent_id&, time_ms until);
  void welcome_back(const tenant_id&, const agent_id&);
  // For an agent of the caller's tenant; a sample that nobody used gives way.
  void claim_extension(const caller&, const std::string& number, const agent_id&,
                       std::function<void(errc)> claimed);

  context now_context() const;
  void open_roles();
  void start_role(std::function<void(errc)> done); // what a role needs before the door opens
  void turn_later();
  struct links;    // a master's end of the links to its slaves
  struct upstream; // a slave's end (site_roles.hpp)
  void claim_and_register(const caller&, request::register_agent, std::string hash, bool sample,
                          std::vector<std::string> roles, done<answer::registered>);
  struct provisioning;
  struct search;
  void provision_next(std::shared_ptr<provisioning>);
  void make_account(std::shared_ptr<provisioning>, const account&);
  void set_password(std::shared_ptr<provisioning>, const account&, const agent_id&);
  void find_next(std::shared_ptr<search>);
  void with_session(const caller&, const session_id&,
                    std::function<void(errc, const session::state&, const caller& as)> use);
  void tell_session(const caller&, const session_id&,
                    std::function<session::command(const subject_id&)> what,
                    std::function<void(errc)> told);
  void seat_opening(std::shared_ptr<opening>);
  void open_seated(std::shared_ptr<opening>);
  void attach_opened(std::shared_ptr<opening>);
  answer::session_row row_of(const tenant_id&, const session_id&, const session::state&);

  // Password work for somebody outside; false when limits::password_jobs_max wait already.
  bool work_slowly(std::function<void()> job);

  // Where new work comes in. What ends or goes on with something passes no door.
  struct door {
    door(admission::bounds b, std::string_view which) : at(b), kind(which) {}
    admission at;
    const std::string_view kind;
  };
  static constexpr duration_ms busy_for_ms = 1000; // then they may ask again
  // Lets it in, or refuses it because too much is under way.
  template <class T> bool let_in(const std::shared_ptr<door>& by, const caller& c, done<T>& how) {
    if (!by->at.admit()) {
      reply<T>(c, how, failure{errc::busy, {}, busy_for_ms});
      return false;
    }
    how = [by, &time = parts_.time, since = parts_.time.now(),
           how = std::move(how)](outcome<T> o) mutable {
      const auto now = time.now();
      by->at.finished(now - since, std::holds_alternative<T>(o), now);
      metrics::set(metrics::gauge::admission_limit, static_cast<std::int64_t>(by->at.allowed()),
                   by->kind);
      how(std::move(o));
    };
    return true;
  }

  static void reply_done(const caller& to, const done<answer::done>& how, errc error) {
    if (error == errc::ok) return reply<answer::done>(to, how, answer::done{});
    reply<answer::done>(to, how, failure{error, {}, 0});
  }
  template <class T> static void reply(const caller& to, const done<T>& how, outcome<T> what) {
    to.lane->post([how, what = std::move(what)]() mutable { how(std::move(what)); });
  }

  parts parts_;
  site_options options_;
  incarnation node_ = 0;
  std::unique_ptr<engine> engine_;
  std::shared_ptr<hub> hub_;
  std::atomic<bool> ready_{false};
  std::atomic<std::size_t> password_jobs_{0};
  // An answer on its way may outlive the site.
  const std::shared_ptr<door> calls_ = std::make_shared<door>(
      admission::bounds{limits::admit_lag_ms, 32, limits::admitted_min}, "calls");
  const std::shared_ptr<door> arrivals_ = std::make_shared<door>(
      admission::bounds{limits::arrive_lag_ms, 256, limits::admitted_min}, "arrivals");
  security::rate_limit login_limit_;                    // publisher's thread
  std::map<std::string, std::size_t> logins_under_way_; // publisher's thread
  std::atomic<int> receipts_under_way_{0};
  std::shared_ptr<links> links_;
  std::shared_ptr<upstream> upstream_;
  mutable std::mutex revoked_mutex_;
  std::map<std::pair<tenant_id, std::string>, time_ms> revoked_; // token ids, until they expire
  std::map<std::pair<tenant_id, agent_id>, time_ms> void_until_; // tokens issued until then
};

} // namespace strowger::runtime
