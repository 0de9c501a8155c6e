// A device's line that takes commands: what they are and what they do is the same on /ws and on
// Socket.IO; how an answer is written is the dialect's.
#pragma once

#include "http/line.hpp"
#include "http/media_door.hpp"
#include "protocol/native/native.hpp"

namespace strowger::http {

namespace native = protocol::native;

class device_line : public line {
protected:
  using line::line;
  using ticket = std::optional<std::int64_t>; // what matches an answer with its question

  virtual void reply(const ticket& to, protocol::value data) = 0; // of a success; a map or null
  virtual void refuse(const ticket& to, const failure& why) = 0;
  virtual void reply_pong(const ticket& to) = 0;
  // An event by its name; `at` 0: it has no place in the log.
  virtual void push(std::string_view name, protocol::value data, client_position at) = 0;
  virtual void dialled(const call_id&) {}

  void arrived();                     // `connected` was sent
  void take(native::message message); // a command; message.id is its ticket
  void deliver(const notice::any& what, client_position at) override;
  void on_detached() override;
  void left() { left_ = true; } // by itself or signed out: it does not come back

private:
  friend class line_mouth;
  struct named_command {
    command_id id;
    std::string fingerprint;
  };
  std::shared_ptr<device_line> me() {
    return std::static_pointer_cast<device_line>(shared_from_this());
  }
  media_door* door() const { return from_.shared->media; }
  const std::string& connection_id();
  void run(native::message& message, named_command command);
  void dial(const native::message& message, named_command command, request::dial what);
  void act(const native::message& message, named_command command, native::in_call what);
  void ask_media(native::message& message, named_command command);
  void authenticate_license(const ticket& to);
  void with_media(const native::message& message,
                  std::function<void(const media_door::set_aside&)> go);
  template <class T, class Render>
  static runtime::done<T> with_media_after(const std::shared_ptr<device_line>& self,
                                           const ticket& to, const media_door::set_aside& aside,
                                           Render render);
  template <class T, class Render> runtime::done<T> answers(const ticket& to, Render render);

  std::shared_ptr<device_mouth> mouth_; // with a door, from `arrived` on
  std::string connection_id_;
  std::size_t in_flight_ = 0;
  bool left_ = false;
};

} // namespace strowger::http
