// Licenses over REST (seed 001). The gateway knows which of them this node's role allows.
#include "http/handlers.hpp"
#include "protocol/rest/rest.hpp"

namespace strowger::http::handlers {
namespace {

namespace rest = protocol::rest;

license_id named(const exchange_ptr& x) { return license_id{x->parameter("id")}; }

// RFC 9110, section 8.8.3: of the terms and the status, not of who uses seats.
headers tag_of(const answer::license_row& row) { return {{"ETag", "\"" + row.tag + "\""}}; }

// Of one license; the fingerprint of a change says what it was conditional on, too.
void change(const exchange_ptr& x, request::license_change what) {
  auto condition = rest::parse_if_match(x->request.header("if-match"));
  if (x->refused(condition)) return;
  what.if_tag = std::move(std::get<std::optional<std::string>>(condition));
  x->gateway().change_license(
      x->caller(x->request.body + what.if_tag.value_or("")), named(x), what,
      x->then<answer::license_row>([](exchange& done, const answer::license_row& row) {
        done.reply(rest::render_license(row), 200, tag_of(row));
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
        done.reply(rest::render_license(row), 200, tag_of(row));
      }));
}

void create_license(const exchange_ptr& x) {
  auto in = rest::parse_license(x->request.body);
  if (x->refused(in)) return;
  x->gateway().create_license(
      x->caller(), std::move(std::get<request::license>(in)),
      x->then<answer::license_row>([](exchange& done, const answer::license_row& row) {
        auto fields = tag_of(row);
        fields.emplace_back("Location", "/api/licenses/" + row.license.value);
        done.reply(rest::render_license(row), 201, std::move(fields));
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

void seat_receipt(const exchange_ptr& x) {
  auto tenant = rest::parse_tenant(x->request.argument("tenant"));
  if (x->refused(tenant)) return;
  auto who = x->caller();
  who.who.tenant = std::move(std::get<tenant_id>(tenant));
  x->gateway().seat_receipt(
      who, session_id{x->parameter("id")},
      x->then<answer::seat_receipt>([](exchange& done, const answer::seat_receipt& what) {
        done.reply(rest::render_receipt(what));
      }));
}

void statement_key(const exchange_ptr& x) {
  x->gateway().statement_key(
      x->caller(),
      x->then<answer::statement_key>([](exchange& done, const answer::statement_key& what) {
        done.reply(rest::render_statement_key(what));
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
