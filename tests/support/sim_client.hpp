// Test only: a browser (or a REST client) as the network shows it: it connects, resumes, sends
// commands, sends them again, and loses its connection. Speaks to the gateway as http does.
#pragma once

#include "tests/support/sim_world.hpp"

namespace strowger::sim {

class sim_client;

// One connection: messages up and down are in order until it is cut, then they are lost.
class sim_connection : public runtime::device_sink,
                       public std::enable_shared_from_this<sim_connection> {
public:
  sim_connection(sim_world& world, sim_client& client);
  ~sim_connection() override;

  // The server's side.
  void push(std::shared_ptr<const notice::any> what, client_position at) override;
  void close(errc why) override;
  void attached(const answer::attached& a);
  void refused(errc why);
  void reply(std::function<void(sim_client&)> what); // through the connection, in order

  // The client's side.
  void to_server(std::function<void()> what); // runs on the connection's lane
  void vanish();                              // the server will notice later
  void cut();                                 // the server is gone

  bool server_open() const { return server_open_; }
  bool joined() const { return joined_ && server_open_; }
  const std::shared_ptr<sim_thread>& lane() const { return lane_; }
  const tenant_id& tenant() const;
  const std::string& number() const;
  // At rest: a subscriber was told last what is so.
  void check_presence(const tenant_id&, const std::string& number, std::uint32_t count) const;

private:
  void close_here(const char* reason);

  sim_world& world_;
  sim_client* client_; // none after the client has let go
  const tenant_id tenant_;
  const std::string number_;
  std::shared_ptr<sim_thread> lane_, up_, down_;
  device_id device_;
  bool server_open_ = true;
  bool joined_ = false;
  bool refused_ = false; // a push: nothing after it may arrive
};

struct session_words { // what a REST client tells its session, not a call
  enum class kind { offer, answer, candidate };
  session_words::kind kind{};
  std::string text;
  session_id session;
};

// A command that the client may send again until it is answered.
struct outgoing {
  std::string id;
  call_id call; // empty for a dial and for words
  std::variant<request::dial, request::call_action, session_words> what;
  version since = 0; // of the call, when it was first sent
};

enum class client_kind { websocket, rest };

struct call_view { // what this client believes of one of its calls
  bool rung = false;
  bool up = false;
  std::uint32_t bridge = 0;
};

class sim_client {
public:
  sim_client(sim_world& world, tenant_id tenant, std::string number, std::string name,
             client_kind kind = client_kind::websocket);

  void connect(); // resumes when it can
  void vanish();
  bool connected() const { return connected_; }
  bool connecting() const { return link_ != nullptr && !connected_; }

  std::string dial(const std::string& target); // returns the command's id
  std::string act(const call_id& on, request::call_action what);
  std::string say(enum session_words::kind kind, std::string text); // REST, connected
  void repeat(const std::string& command); // the same again, whether answered or not
  void resend_pending();
  void subscribe();
  void log_out();
  void steal_resume_token(const sim_client& from) { resume_token_ = from.resume_token_; }
  void heartbeat();
  void close_session();

  const std::map<call_id, call_view>& calls() const { return calls_; }
  const std::map<std::string, outgoing>& pending() const { return pending_; }
  const device_id& device() const { return device_; }
  const tenant_id& tenant() const { return who_.tenant; }
  const std::string& number() const { return who_.number; }
  const std::string& name() const { return name_; }
  client_kind kind() const { return kind_; }
  // Last answer to a command: ok, or why not.
  std::optional<errc> answer_to(const std::string& command) const;
  void check_at_rest() const; // knows its calls, has missed nothing

private:
  friend class sim_connection;
  // The server has answered or told something; runs when it reaches the client.
  void on_attached(const answer::attached& a);
  void on_refused(errc why);
  void on_message(const notice::any& what, client_position at);
  void on_reply(const std::string& command, errc why);
  void on_closed();

  void send(const outgoing& what);
  void attach_on_server(const std::shared_ptr<sim_connection>& link);
  void open_session_on_server(const std::shared_ptr<sim_connection>& link);
  void command_on_server(const std::shared_ptr<sim_connection>& link, const outgoing& what);
  void words_on_server(const std::shared_ptr<sim_connection>& link, const std::string& command,
                       const session_words& words);
  void settle_call(const outgoing& what, const device_id& by,
                   const std::shared_ptr<sim_connection>& link, bool had_effect,
                   const call_id& call, errc why);
  std::string command_name(const std::string& id) const { return who_.agent.value + "/" + id; }
  runtime::caller caller_on(const std::shared_ptr<sim_thread>& lane, std::string command) const;
  std::string fresh_command();

  sim_world& world_;
  principal who_;
  std::string name_;
  client_kind kind_;
  std::shared_ptr<sim_connection> link_;
  bool connected_ = false;
  bool session_wanted_ = false; // REST: an open_session is on its way, under this command
  std::string session_command_;
  std::optional<std::string> resume_token_;
  session_id session_;
  device_id device_;
  client_position handled_ = 0;
  std::map<call_id, call_view> calls_;
  std::map<std::string, outgoing> pending_, sent_;
  std::map<std::string, errc> answers_;
  bool subscribed_ = false;
  std::map<std::string, std::uint32_t> presence_;
  std::uint64_t commands_ = 0, sign_ins_ = 0;
};

} // namespace strowger::sim
