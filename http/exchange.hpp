// One request on its way to one answer: what a handler holds, also while the gateway works.
#pragma once

#include "http/message.hpp"
#include "http/state.hpp"

#include "protocol/value.hpp"

#include <functional>
#include <memory>

namespace strowger::http {

struct route;

class exchange : public std::enable_shared_from_this<exchange> {
public:
  using responder = std::function<void(http_response)>;

  exchange(std::shared_ptr<state> shared, std::shared_ptr<runtime::executor> lane,
           http_request request, responder respond) :
      request(std::move(request)),
      shared(std::move(shared)), lane(std::move(lane)), respond_(std::move(respond)) {}

  http_request request;
  principal who;
  std::map<std::string, std::string, std::less<>> parameters; // from the path
  const std::shared_ptr<state> shared;
  const std::shared_ptr<runtime::executor> lane;

  runtime::gateway& gateway() const { return shared->gateway(); }
  const options& opt() const { return shared->opt; }

  // Set by who answers later than at once: called on the lane when the client has gone meanwhile.
  std::function<void()> gone;

  // Who and where for the gateway; the command id is the header Idempotency-Key.
  // The key goes with a fingerprint of what was asked: of the body, or of `said`.
  runtime::caller caller() const { return caller(request.body); }
  runtime::caller caller(std::string_view said) const;
  const std::string& parameter(std::string_view name) const; // empty when there is none
  protocol::value ice() const;

  // On the lane, exactly one of these, once; later ones are ignored.
  void reply(const protocol::value& body, int status = 200, headers extra = {});
  void refuse(const failure& why);
  void send(http_response response);

  // True when `in` is a failure, which is then the answer.
  template <class T> bool refused(const outcome<T>& in) {
    const auto* why = std::get_if<failure>(&in);
    if (why) refuse(*why);
    return why != nullptr;
  }
  // A gateway callback: failures are answered here, successes by `render`.
  template <class T, class Render> runtime::done<T> then(Render render) {
    return [self = shared_from_this(), render](outcome<T> out) {
      if (!self->refused(out)) render(*self, std::get<T>(out));
    };
  }

private:
  responder respond_;
};

using exchange_ptr = std::shared_ptr<exchange>;

// A complete error answer (problem+json), for places without an exchange.
http_response problem_response(const failure& why, std::string_view path);

} // namespace strowger::http
