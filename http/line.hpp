// A device's live line (WebSocket or event stream): its place in the registry, its attachment at
// the gateway, and the sink that brings pushes from the publisher's thread to the lane.
#pragma once

#include "http/handoff.hpp"

#include <mutex>
#include <optional>

namespace strowger::http {

class line : public connection, public std::enable_shared_from_this<line> {
public:
  line(handoff from, std::string_view kind);
  ~line() override;

  void drain() override; // 1001, or the end of the stream
  void cut() override;

protected:
  // On the lane.
  virtual void on_attached(const answer::attached& device) = 0;
  virtual void on_refused(const failure& why) = 0;
  virtual void deliver(const notice::any& what, client_position at) = 0;
  virtual void end(errc why) = 0; // by the server: say so to the client, then close
  virtual void cut_now() = 0;
  virtual void on_detached() {}                  // once, for whoever was attached
  virtual bool enlisted() const { return true; } // false: the drain reaches it by something else

  void attach(request::attach wanted);
  void attach(request::attach_session wanted);
  void sign_of_life();             // tells the gateway, at most once a second
  void detach(std::string reason); // the first call counts
  runtime::caller caller(command_id command = {}, std::string fingerprint = {}) const;

  handoff from_; // `who` is set right before attach
  const std::string_view kind_;
  std::optional<answer::attached> device_;

private:
  friend class line_sink;
  void enlist();
  void attached(outcome<answer::attached> out);

  std::shared_ptr<runtime::device_sink> sink_;
  bool detached_ = false, cut_ = false;
  time_ms seen_at_ = 0;
};

} // namespace strowger::http
