// The door between the outside worlds and the actors: the one runtime header that http, media and
// telephony include. Shows no CAF type. Every call returns at once; its answer comes later, exactly
// once, through the client's own executor, and when it reports success it was durable first.
#pragma once

#include "core/call_view.hpp"
#include "core/link.hpp"
#include "core/notice.hpp"
#include "core/request.hpp"

#include <functional>
#include <memory>

namespace strowger::runtime {

// A thread of work. Implemented by the I/O threads and by the simulator.
class executor {
public:
  virtual ~executor() = default;
  virtual void post(std::function<void()> job) = 0; // any thread; runs in order of posting
  virtual void post_after(duration_ms delay, std::function<void()> job) = 0; // any thread
};

// The connection that a device speaks through.
class device_sink {
public:
  virtual ~device_sink() = default;
  // Runtime's publisher thread. Positions rise. The sink hands over to its own lane, in order.
  virtual void push(std::shared_ptr<const notice::any> what, client_position at) = 0;
  // The server ends the connection (logout, revoked token, replaced by a resume elsewhere).
  virtual void close(errc why) = 0;
};

// A slave, as its master speaks to it, and the other way round. Any thread; the sink hands over to
// its own lane, in order.
class slave_sink {
public:
  virtual ~slave_sink() = default;
  virtual void send(link::to_slave what) = 0;
  virtual void close(errc why) = 0;
};
class master_sink {
public:
  virtual ~master_sink() = default;
  virtual void send(link::to_master what) = 0;
  virtual void close(errc why) = 0;
};
using link_number = std::uint64_t; // of one connection of a slave

// Whoever carries the calls' media. Everything here is on the publisher's thread.
class call_watcher {
public:
  virtual ~call_watcher() = default;
  // After each committed change, before any device is told; and of every live call, when it begins
  // to watch (`restored`: from before this start).
  virtual void call_changed(const tenant_id&, const call_id&, const call_view&, bool restored) = 0;
  // On its way to `to`: the watcher completes it.
  virtual void answered(const tenant_id&, const device_id& to, notice::call_answered&) = 0;
  virtual void joined(const tenant_id&, const device_id&) = 0;    // its connection is (again) there
  virtual void forgotten(const tenant_id&, const device_id&) = 0; // and is not waited for any more
};

template <class T> using done = std::function<void(outcome<T>)>;

// Where answers go and which command this is. An empty command id means: not retried. With a
// `fingerprint` (of what is asked), the same id for something else is refused: command_id_reused.
struct caller {
  std::shared_ptr<executor> lane;
  principal who;
  command_id command;
  std::string fingerprint{};
};

class gateway {
public:
  virtual ~gateway() = default;

  virtual bool ready() const = 0; // any thread; false while recovering or draining
  virtual bool token_revoked(const tenant_id&, const std::string& jti) const = 0; // any thread
  // Whether the tokens that this agent got until then are void, all of them: it was removed. Any
  // thread.
  virtual bool tokens_void(const tenant_id&, const agent_id&, time_ms issued_at) const = 0;

  virtual void login(const caller&, request::login, done<answer::identity>) = 0;
  virtual void logout(const caller&, done<answer::done>) = 0;
  virtual void register_agent(const caller&, request::register_agent, done<answer::registered>) = 0;

  // On success the sink first gets what the device missed, then live messages, all after the
  // answer.
  virtual void attach(const caller&, request::attach, std::shared_ptr<device_sink>,
                      done<answer::attached>) = 0;
  virtual void attach(const caller&, request::attach_session, std::shared_ptr<device_sink>,
                      done<answer::attached>) = 0;
  // The connection is gone; ignored when another connection has taken the device over since.
  virtual void detach(const tenant_id&, const device_id&, const device_sink*,
                      std::string reason) = 0;
  virtual void seen(const tenant_id&, const device_id&) = 0; // a sign of life
  virtual void subscribe_presence(const caller&, const device_id&,
                                  done<std::vector<answer::extension_row>>) = 0;

  // By a device of a live connection or a REST session (the caller was checked to own it).
  virtual void dial(const caller&, const device_id&, request::dial, done<answer::dialled>) = 0;
  virtual void act(const caller&, const device_id&, const call_id&, request::call_action,
                   done<answer::call_state>) = 0;
  virtual void initiate(const caller&, request::initiate, done<answer::dialled>) = 0;

  virtual void extensions(const caller&, bool only_online,
                          done<std::vector<answer::extension_row>>) = 0;
  virtual void history(const caller&, request::history, done<answer::call_page>) = 0;
  virtual void stats(const caller&, done<answer::stats>) = 0;
  virtual void explain_call(const caller&, std::string from, std::string to,
                            done<answer::explanation>) = 0;

  // REST sessions (seed 004). The session id is the authority; `caller.who` may be tokenless.
  virtual void open_session(const caller&, request::open_session, done<answer::session_row>) = 0;
  virtual void session_offer(const caller&, const session_id&, std::string sdp,
                             done<answer::session_row>) = 0;
  virtual void session_answer(const caller&, const session_id&, std::string sdp,
                              done<answer::done>) = 0;
  virtual void session_candidate(const caller&, const session_id&, notice::candidate,
                                 done<answer::done>) = 0;
  virtual void session_dial(const caller&, const session_id&, request::dial,
                            done<answer::dialled>) = 0;
  virtual void session_act(const caller&, const session_id&, std::optional<call_id>,
                           request::call_action, done<answer::call_state>) = 0;
  virtual void session_get(const caller&, const session_id&, done<answer::session_row>) = 0;
  virtual void sessions(const caller&, done<std::vector<answer::session_row>>) = 0;
  virtual void close_session(const caller&, const session_id&, done<answer::done>) = 0;
  virtual void heartbeat(const caller&, const session_id&, done<answer::done>) = 0;

  // Licenses and agents (seed 001). All but `current_license` and `sip_config` (one's own): admins.
  virtual void licenses(const caller&, done<std::vector<answer::license_row>>) = 0;
  virtual void license(const caller&, const license_id&, done<answer::license_row>) = 0;
  virtual void create_license(const caller&, request::license, done<answer::license_row>) = 0;
  virtual void change_license(const caller&, const license_id&, request::license_change,
                              done<answer::license_row>) = 0;
  virtual void current_license(const caller&, done<answer::current_license>) = 0;
  virtual void license_seats(const caller&, const license_id&, done<answer::license_seats>) = 0;
  // Without a session: of the license alone.
  virtual void validate_license(const caller&, const license_id&, std::optional<session_id>,
                                done<answer::validation>) = 0;
  // By who knows the session's id: its seat, or why it got none, as a signed statement.
  virtual void seat_receipt(const caller&, const session_id&, done<answer::seat_receipt>) = 0;
  virtual void statement_key(const caller&, done<answer::statement_key>) = 0; // for anybody
  virtual void agents(const caller&, request::agents, done<answer::agent_page>) = 0;
  virtual void agent(const caller&, const agent_id&, done<answer::agent_row>) = 0;
  virtual void create_agent(const caller&, request::register_agent, done<answer::agent_row>) = 0;
  virtual void change_agent(const caller&, const agent_id&, request::agent_change,
                            done<answer::agent_row>) = 0;
  virtual void remove_agent(const caller&, const agent_id&, done<answer::done>) = 0;
  virtual void sip_config(const caller&, const agent_id&, done<answer::sip_account>) = 0;

  // The link, on a master: a slave shows a license's key, then speaks. `hello` is its first word.
  virtual void find_license(const caller&, const std::string& key, done<license_id>) = 0;
  virtual link_number open_link(const license_id&, std::shared_ptr<slave_sink>) = 0;
  virtual void link_said(link_number, link::to_master) = 0;
  virtual void link_lost(link_number) = 0;
  // And on a slave: a connection that the master has let in.
  virtual void master_found(std::shared_ptr<master_sink>) = 0;
  virtual void master_said(const master_sink*, link::to_slave) = 0;
  virtual void master_lost(const master_sink*) = 0;

  // Recordings of a call, for an agent that is or was a party of it, and for admins; to others it
  // does not exist (call_unknown). Answered with what is so then.
  virtual void record(const caller&, const call_id&, request::record,
                      done<answer::recordings> how) {
    how(failure{errc::media_unavailable, {}, 0});
  }
  virtual void recordings(const caller&, const call_id&, done<answer::recordings> how) {
    how(failure{errc::media_unavailable, {}, 0});
  }
  // By who records. Of a call that is over, or a file that is known: nothing. `done`, on any
  // thread, once: ok when it is durable.
  virtual void recording_ended(const tenant_id&, const call_id&, std::uint32_t, recording_end) {}
  virtual void recording_filed(const tenant_id&, const call_id&, answer::recorded_file,
                               std::function<void(errc)> done) {
    done(errc::media_unavailable);
  }

  // Media. A gateway without any keeps these as they are.
  virtual void watch_calls(std::shared_ptr<call_watcher>) {} // before clients are served
  // To the device's connection, if it has one now; no history.
  virtual void tell(const tenant_id&, const device_id&, notice::any) {}
  // The job runs on the publisher's thread, when the watcher knows all that is durable by now.
  virtual void after_news(std::function<void()> job) { job(); }
  // This leg's media died: it leaves the call, as when its device is lost.
  virtual void media_lost(const tenant_id&, const device_id&, const call_id&) {}
  // For the call's record: how the leg that has just left sounded last.
  virtual void note_quality(const tenant_id&, const device_id&, const call_id&,
                            const call_quality&) {}
};

} // namespace strowger::runtime
