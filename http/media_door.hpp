// The seam between what a device says (on /ws or Socket.IO) and whoever carries its media. http/
// has the words, the door has transports, producers and consumers. Without a door `webrtc:*`
// commands that need one are answered with errc::media_unavailable.
#pragma once

#include "actors/runtime/gateway.hpp"
#include "protocol/value.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::http {

// One connection of one device, to speak to. What is said so has no position: it is lost with the
// connection, and the door says it again in device_here() where that matters.
class device_mouth {
public:
  virtual ~device_mouth() = default;
  // Any thread; in order. `name` as "webrtc:new-producer", `data` an object.
  virtual void say(std::string name, protocol::value data) = 0;
};

// Every call comes on the lane of the device's connection and returns at once. A device is named by
// its `answer::attached` (device, session, extension); its tenant stands in `caller.who`.
class media_door {
public:
  using reply = std::function<void(outcome<protocol::value>)>;
  virtual ~media_door() = default;

  // The device has a connection: a new one, or one that took over from another (attached.resumed
  // tells). Comes after `connected` was sent and before the first command.
  virtual void device_here(const runtime::caller&, const answer::attached&,
                           std::shared_ptr<device_mouth>) = 0;
  // That connection is gone; late when another has taken over since (compare the mouth). `left`:
  // the client said goodbye itself, or was signed out, and its calls are hung up; else it may
  // resume.
  virtual void device_gone(const tenant_id&, const device_id&, const device_mouth*, bool left) = 0;

  // Whether ask() takes this command. The names of the native table (webrtc:offer, webrtc:answer,
  // webrtc:ice-candidate) never come here.
  virtual bool knows(std::string_view name) const = 0;
  // `data` is an object (empty where the client sent none). The reply is the ack: members beside
  // `success`, or the failure. Exactly once, on caller.lane; also after the connection is gone.
  virtual void ask(const runtime::caller&, const answer::attached&, std::string name,
                   protocol::value data, reply how) = 0;

  // What was set aside for one call:dial or call:answer.
  struct set_aside {
    std::uint64_t ticket = 0; // the command's own: several may be under way
    bool relayed = false;     // there was something; whoever dials says so (request::dial)
  };
  // Before call:dial or call:answer reaches the gateway, with what the client said: the newest
  // unbound transports are set aside for it. `go_on` exactly once, on caller.lane (also at once,
  // from within); a failure is the command's answer and nothing is dialled or answered.
  virtual void before_call_command(const runtime::caller&, const answer::attached&,
                                   std::string_view name, const protocol::value& data,
                                   std::function<void(outcome<set_aside>)> go_on) = 0;
  // After it, once for every go_on without a failure and before the ack leaves: `call` is empty
  // when it was refused (what was set aside is closed), else what was set aside is bound to it.
  // May add members to `ack` (call:answer: producerId, kind).
  virtual void after_call_command(const runtime::caller&, const answer::attached&,
                                  const set_aside&, const call_id& call, protocol::value& ack) = 0;

  // Every event on its way to the device, live or resumed: may add members to its data
  // (call:answered: producerId).
  virtual void decorate(const tenant_id&, const answer::attached&, std::string_view name,
                        protocol::value& data) = 0;
};

} // namespace strowger::http
