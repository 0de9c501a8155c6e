#include "cli/commands.hpp"
#include "security/statement.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

namespace strowger::cli {
namespace {

namespace fs = std::filesystem;

struct license_test : testing::Test {
  license_test() {
    fs::create_directories(folder);
    write("key.pem", signer().public_pem());
  }
  ~license_test() override { fs::remove_all(folder); }

  security::statement_signer signer(const std::string& name = "master.pem") {
    return security::statement_signer::load_or_create(folder / name, random);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream{folder / name} << text;
  }
  static security::license_statement good() {
    security::license_statement out;
    out.license = license_id{"lic-1"};
    out.organization = "Org";
    out.plan = "team";
    out.status = "active";
    out.features = {"recording"};
    out.webrtc_extension = true;
    out.max_users = 10;
    out.webrtc_max_users = 5;
    out.issued_at = 1'000;
    return out;
  }
  // The exit code; `said` is what was printed.
  int run(license_options o) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = license(o);
    said = testing::internal::GetCapturedStdout();
    complaint = testing::internal::GetCapturedStderr();
    return code;
  }
  int verify(const std::string& text, const std::string& key = "key.pem") {
    write("license", text);
    return run({.what = "verify",
                .file = (folder / "license").string(),
                .key_file = (folder / key).string()});
  }

  const fs::path folder =
      fs::temp_directory_path() / ("strowger-license-" + std::to_string(::getpid()));
  security::system_random random;
  std::string said, complaint;
};

TEST_F(license_test, a_signed_one_is_shown_and_good) {
  EXPECT_EQ(verify(signer().sign(good()) + "\n"), exit_ok) << complaint;
  EXPECT_EQ(said, R"({"id":"lic-1","organization_name":"Org","plan":"team","status":"active",)"
                  R"("features":{"recording":true,"webrtc_extension":true},"max_users":10,)"
                  R"("webrtc_max_users":5,"issued_at":"1970-01-01T00:00:01.000Z",)"
                  R"("starts_at":null,"expires_at":null,"valid":true})"
                  "\n");
}

TEST_F(license_test, one_that_is_over_or_taken_back_is_shown_and_not_good) {
  const auto with = [&](const std::function<void(security::license_statement&)>& change) {
    auto what = good();
    change(what);
    EXPECT_EQ(verify(signer().sign(what)), exit_difference);
    EXPECT_NE(said.find("\"valid\":false"), said.npos);
    return complaint.substr(complaint.rfind("license is ") + 11);
  };
  EXPECT_EQ(with([](auto& l) { l.expires_at = 2'000; }), "expired\n");
  EXPECT_EQ(with([](auto& l) { l.starts_at = 4'102'444'800'000; }), "not valid yet\n");
  EXPECT_EQ(with([](auto& l) { l.status = "revoked"; }), "revoked\n");
}

TEST_F(license_test, one_that_somebody_else_signed_or_that_changed_on_its_way_is_refused) {
  auto text = signer().sign(good());
  write("other.pem", signer("another.pem").public_pem());
  EXPECT_EQ(verify(text, "other.pem"), exit_difference);
  text[text.size() / 2] ^= 1;
  EXPECT_EQ(verify(text), exit_difference);
  EXPECT_EQ(said, "");
  EXPECT_NE(complaint.find("is no license or receipt that"), complaint.npos);
  EXPECT_EQ(verify(""), exit_difference);
}

TEST_F(license_test, a_receipt_is_shown_with_the_event_that_proves_it) {
  const security::receipt_statement what{license_id{"lic-1"},
                                         agent_id{"a-1"},
                                         session_id{"s-1"},
                                         false,
                                         "TOO_MANY_USERS",
                                         4711,
                                         2'000,
                                         "session.closed.v1",
                                         "session/s-1",
                                         2,
                                         1'000};
  auto text = signer().sign(what);
  EXPECT_EQ(verify(text), exit_ok) << complaint;
  EXPECT_EQ(said, R"({"license_id":"lic-1","agent_id":"a-1","session_id":"s-1","granted":false,)"
                  R"("code":"TOO_MANY_USERS","position":4711,"event":"session.closed.v1",)"
                  R"("stream":"session/s-1","version":2,"at":"1970-01-01T00:00:01.000Z",)"
                  R"("issued_at":"1970-01-01T00:00:02.000Z"})"
                  "\n");
  text[text.size() / 2] ^= 1;
  EXPECT_EQ(verify(text), exit_difference);
}

TEST_F(license_test, nothing_goes_out_that_cannot_or_should_not) {
  EXPECT_EQ(run({.what = "show"}), exit_usage);
  EXPECT_NE(complaint.find("say who you are"), complaint.npos);
  EXPECT_EQ(run({.what = "show", .server = "ftp://x", .token = "t"}), exit_usage);
  EXPECT_EQ(run({.what = "show", .server = "http://pbx.example", .token = "t"}), exit_usage);
  EXPECT_NE(complaint.find("to the network"), complaint.npos);
  EXPECT_EQ(run({.what = "revoke", .token = "t", .id = "../agents/x"}), exit_usage);
  EXPECT_EQ(run({.what = "show", .server = "http://127.0.0.1:1", .token = "t"}), exit_unavailable);
}

} // namespace
} // namespace strowger::cli
