// Licenses over REST (seed 001). The gateway knows which of them this node's role allows.
#include "http/handlers.hpp"
#include "protocol/rest/rest.hpp"

namespace strowger::http::handlers {
namespace {

namespace rest = protocol::rest;

license_id named(const exchange_ptr& x) { return license_id{x->parameter("id")}; }

void change(const exchange_ptr& x, request::license_change what) {
  x->gateway().change_license(
      x->caller(), named(x), std::move(what),
      x->then<answer::license_row>([](exchange& done, const answer::license_row& row) {
        done.reply(rest::render_license(row));
      }));
}

} // namespace

void list_licenses(const exchange_ptr& x) {
  using rows = std::vector<answer::license_row>;
  x->gateway().licenses(x->caller(), x->then<rows>([](exchange& done, const rows& found) {
    done.reply(rest::render_licenses(found));
  }));
}

void get_license(const exchange_ptr& x) {
  x->gateway().license(
      x->caller(), named(x),
      x->then<answer::license_row>([](exchange& done, const answer::license_row& row) {
        done.reply(rest::render_license(row));
      }));
}

void create_license(const exchange_ptr& x) {
  auto in = rest::parse_license(x->request.body);
  if (x->refused(in)) return;
  x->gateway().create_license(
      x->caller(), std::move(std::get<request::license>(in)),
      x->then<answer::license_row>([](exchange& done, const answer::license_row& row) {
        done.reply(rest::render_license(row), 201,
                   {{"Location", "/api/licenses/" + row.license.value}});
      }));
}

void change_license(const exchange_ptr& x) {
  auto in = rest::parse_license_change(x->request.body);
  if (!x->refused(in)) change(x, std::move(std::get<request::license_change>(in)));
}

void revoke_license(const exchange_ptr& x) {
  request::license_change what;
  what.status = "revoked";
  change(x, std::move(what));
}

void current_license(const exchange_ptr& x) {
  x->gateway().current_license(
      x->caller(),
      x->then<answer::current_license>([](exchange& done, const answer::current_license& what) {
        done.reply(rest::render_current(what));
      }));
}

void license_seats(const exchange_ptr& x) {
  x->gateway().license_seats(
      x->caller(), named(x),
      x->then<answer::license_seats>([](exchange& done, const answer::license_seats& what) {
        done.reply(rest::render_seats(what));
      }));
}

void validate_license(const exchange_ptr& x) {
  auto in = rest::parse_validate(x->request.body);
  if (x->refused(in)) return;
  x->gateway().validate_license(
      x->caller(), named(x), std::move(std::get<std::optional<session_id>>(in)),
      x->then<answer::validation>([](exchange& done, const answer::validation& what) {
        done.reply(rest::render_validation(what));
      }));
}

} // namespace strowger::http::handlers
