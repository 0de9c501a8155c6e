#include "config/load.hpp"

#include "config/options.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace strowger::config {
namespace {

const std::string good_secret = "kPz3v0mXh7QwLr9tYb2NcVfGd8JsAe5U";

loaded of_file(const std::string& text) {
  return load({.dev = true, .file_name = "config.yml", .file_text = text});
}
loaded of_environment(const std::map<std::string, std::string>& environment) {
  return load({.dev = true, .environment = environment});
}
loaded production(std::map<std::string, std::string> environment) {
  environment.emplace("JWT_SECRET", good_secret);
  return load({.environment = environment});
}

TEST(layers, dev_needs_nothing) {
  const auto l = load({.dev = true});
  EXPECT_TRUE(l.problems.empty()) << l.problems.front();
  EXPECT_EQ(l.values.port, 8080);
  EXPECT_EQ(l.values.ring_timeout_ms, 30'000);
  EXPECT_EQ(l.values.device_grace_ms, 45'000);
  EXPECT_EQ(l.values.stun_port, 3478);
  EXPECT_TRUE(l.values.tokenless);
  EXPECT_TRUE(l.values.stun_servers.empty());
}

TEST(layers, a_flag_beats_the_environment_beats_the_file_beats_the_default) {
  input in{.dev = true, .file_name = "c.yml", .file_text = "\nport: 1\n"};
  EXPECT_EQ(load(in).values.port, 1);
  EXPECT_EQ(load(in).origins.find("port")->second, "c.yml:2");
  in.environment["PORT"] = "2";
  EXPECT_EQ(load(in).values.port, 2);
  EXPECT_EQ(load(in).origins.find("port")->second, "PORT");
  in.flags = {{"--port", "3"}};
  EXPECT_EQ(load(in).values.port, 3);
  EXPECT_EQ(load(in).origins.find("port")->second, "--port");
}

TEST(layers, an_empty_variable_counts_as_not_set) {
  EXPECT_EQ(of_environment({{"PORT", ""}}).values.port, 8080);
}

TEST(layers, the_seeds_environment_is_understood) {
  const auto l = of_environment({{"PUBLIC_HOST", "172.20.10.6"},
                                 {"PORT", "8081"},
                                 {"DEBUG", "true"},
                                 {"CORS_ORIGINS", "*"},
                                 {"ASTERISK_HOST", "localhost"},
                                 {"ASTERISK_SIP_PORT", "5061"},
                                 {"WS_URI_SECURE", "wss://localhost:8089/ws"},
                                 {"STUN_SERVER01", "stun:stun.example:19302"},
                                 {"STUN_SERVER03", "stun:other.example"},
                                 {"TURN_SERVER", "turn:localhost:5349"},
                                 {"TURN_USERNAME", "webrtc"},
                                 {"TURN_PASSWORD", "webrtc123"},
                                 {"SSL_CERT_FILE", "/cert.pem"},
                                 {"SSL_PRIVATE_KEY", "/key.pem"},
                                 {"LICENSE_MGMT_API_URL", "http://localhost:8001/api"},
                                 {"LICENSE_KEY", "k"},
                                 {"AMI_PORT", "5039"},
                                 {"AMI_USERNAME", "admin"},
                                 {"AMI_SECRET", "amp111"},
                                 {"JWT_SECRET", "short"}});
  ASSERT_TRUE(l.problems.empty()) << l.problems.front();
  const auto& s = l.values;
  EXPECT_EQ(s.public_host, "172.20.10.6");
  EXPECT_EQ(s.cors_origins, std::vector<std::string>{"*"});
  EXPECT_EQ(s.stun_servers,
            (std::vector<std::string>{"stun:stun.example:19302", "stun:other.example"}));
  EXPECT_EQ(s.turn_servers,
            (std::vector<turn_server>{{"turn:localhost:5349", "webrtc", "webrtc123"}}));
  EXPECT_EQ(s.ssl_cert_file, "/cert.pem");
  EXPECT_EQ(s.license_mgmt_api_url, "http://localhost:8001/api");
  EXPECT_TRUE(s.debug);
}

TEST(layers, the_seeds_file_is_understood) {
  const auto l = of_file(R"(features:
  webrtc:
    enabled: false
    session_timeout: 120      # seconds
    ice_transport_policy: relay
    stun_servers:
      - stun:stun.example:19302
    turn_servers:
      - url: turn:turn.example:3478
        username: your-turn-username
        credential: your-turn-password
)");
  ASSERT_TRUE(l.problems.empty()) << l.problems.front();
  EXPECT_FALSE(l.values.webrtc_enabled);
  EXPECT_EQ(l.values.session_timeout_s, 120);
  EXPECT_EQ(l.values.ice_transport_policy, "relay");
  EXPECT_EQ(l.values.turn_servers[0].credential, "your-turn-password");
  EXPECT_TRUE(of_file("features: {webrtc: {turn_servers: []}}").problems.empty());
}

struct bad_file {
  const char* text;
  const char* problem;
};

TEST(file, every_mistake_is_a_problem_with_its_line) {
  const bad_file table[] = {
      {"prot: 80\n", "config.yml:1: unknown key \"prot\"; did you mean \"port\"?"},
      {"\n\nsession_timeout: 5\n", "config.yml:3: unknown key \"session_timeout\"; did you mean "
                                   "\"features.webrtc.session_timeout\"?"},
      {"port: 1\nport: 2\n", "config.yml:2: the key \"port\" stands here a second time"},
      {"features:\n  webrtc:\n    enabled: true\n    enabled: false\n",
       "config.yml:4: the key \"features.webrtc.enabled\" stands here a second time"},
      {"features: 1\n", "config.yml:1: \"features\" must be a map"},
      {"port: eighty\n", "config.yml:1: \"port\" must be a whole number from 0 to 65535"},
      {"port: \"80\"\n", "config.yml:1: \"port\" must be a whole number from 0 to 65535"},
      {"port: 65536\n", "config.yml:1: \"port\" must be a whole number from 0 to 65535"},
      {"port: 8080.0\n", "config.yml:1: \"port\" must be a whole number from 0 to 65535"},
      {"port: -1\n", "config.yml:1: \"port\" must be a whole number from 0 to 65535"},
      {"port: [80]\n", "config.yml:1: \"port\" must be a whole number from 0 to 65535"},
      {"port: {a: 1}\n", "config.yml:1: \"port\" must not be a map"},
      {"port:\n", "config.yml:1: \"port\" has no value"},
      {"debug: 1\n", "config.yml:1: \"debug\" must be true or false"},
      {"debug: \"true\"\n", "config.yml:1: \"debug\" must be true or false"},
      {"role: boss\n", "config.yml:1: \"role\" must be standalone, master or slave"},
      {"cors_origins: \"*\"\n", "config.yml:1: \"cors_origins\" must be a list of texts"},
      {"cors_origins: [https://a.example/x]\n",
       "config.yml:1: \"cors_origins\" \"https://a.example/x\" must be * or an exact origin like "
       "https://phones.example:8443, without a path"},
      {"cors_origins: [{url: a}]\n", "config.yml:1: \"cors_origins\" must be a list of texts"},
      {"cors_origins: [[a]]\n", "config.yml:1: \"cors_origins\" has an element of the wrong kind"},
      {"features: {webrtc: {turn_servers: [{url: turn:a, pass: b}]}}\n",
       "config.yml:1: an element of \"features.webrtc.turn_servers\" has url, username and "
       "credential, each once"},
      {"features: {webrtc: {stun_servers: [stun.example]}}\n",
       "config.yml:1: \"features.webrtc.stun_servers\" \"stun.example\" must look like "
       "stun:host:3478"},
      {"license: {mgmt_api_url: http://a.example/v1}\n",
       "config.yml:1: \"license.mgmt_api_url\" must begin with http:// or https:// and end in "
       "/api"},
      {"- a\n", "config.yml:1: the file must be a map of keys"},
      {"a: 1\n---\nb: 2\n", "config.yml:1: the file holds more than one document"},
      {"? [a]\n: 1\n", "config.yml:1: a key must be one word"},
  };
  for (const auto& row : table) {
    const auto l = of_file(row.text);
    ASSERT_EQ(l.problems.size(), 1u) << row.text;
    EXPECT_EQ(l.problems[0], row.problem);
  }
}

TEST(file, what_is_not_yaml_is_a_problem_and_nothing_worse) {
  const std::string deep(5000, '[');
  for (const auto& text :
       {std::string{"a: b: c"}, std::string{"port: [1"}, std::string{"\tport: 1"},
        std::string{"a: *nowhere"}, deep, std::string(300 * 1024, '#')}) {
    const auto l = of_file(text);
    ASSERT_EQ(l.problems.size(), 1u) << text.substr(0, 20);
    EXPECT_EQ(l.problems[0].rfind("config.yml:", 0), 0u) << l.problems[0];
  }
}

TEST(file, no_damage_to_a_good_file_does_harm) {
  const std::string good = read_text(STROWGER_CONFIG_EXAMPLE);
  const std::string noise = "[]{}:,&*!|>'\"%@`#-?~\n\t \x00\xff"
                            "a1";
  std::minstd_rand random{7};
  for (int round = 0; round < 500; ++round) {
    auto text = good;
    for (int n = 0; n < 4; ++n) text[random() % text.size()] = noise[random() % noise.size()];
    for (const auto& problem : of_file(text).problems) EXPECT_FALSE(problem.empty());
  }
}

TEST(file, an_empty_one_says_nothing) {
  EXPECT_TRUE(of_file("").problems.empty());
  EXPECT_TRUE(of_file("# only a comment\n").problems.empty());
}

TEST(file, all_mistakes_are_told_at_once) {
  EXPECT_EQ(of_file("port: x\nrole: y\nnope: 1\n").problems.size(), 3u);
}

TEST(environment, mistakes_name_the_variable) {
  EXPECT_EQ(of_environment({{"PORT", "http"}}).problems,
            std::vector<std::string>{"PORT: \"port\" must be a whole number from 0 to 65535"});
  EXPECT_EQ(of_environment({{"TURN_PASSWORD", "x"}}).problems.size(), 1u);
  EXPECT_EQ(of_environment({{"STUN_SERVER02", "x"}}).problems[0].rfind("STUN_SERVER02:", 0), 0u);
}

TEST(environment, a_certificate_file_alone_is_the_machines_trust_store) {
  const auto l = of_environment({{"SSL_CERT_FILE", "/etc/ssl/certs/all.pem"}});
  EXPECT_TRUE(l.problems.empty());
  EXPECT_EQ(l.values.ssl_cert_file, "");
  EXPECT_EQ(l.warnings.size(), 1u);
}

TEST(environment, our_certificate_file_is_taken_out_of_the_process) {
  ::setenv("SSL_CERT_FILE", "/cert.pem", 1);
  ::unsetenv("SSL_PRIVATE_KEY");
  EXPECT_EQ(take_environment().at("SSL_CERT_FILE"), "/cert.pem");
  EXPECT_NE(std::getenv("SSL_CERT_FILE"), nullptr);
  ::setenv("SSL_PRIVATE_KEY", "/key.pem", 1);
  EXPECT_EQ(take_environment().at("SSL_CERT_FILE"), "/cert.pem");
  EXPECT_EQ(std::getenv("SSL_CERT_FILE"), nullptr);
  ::unsetenv("SSL_PRIVATE_KEY");
}

TEST(flags, an_unknown_flag_is_a_problem) {
  const auto l = load({.dev = true, .flags = {{"--prot", "1"}}});
  EXPECT_EQ(l.problems, std::vector<std::string>{"--prot: there is no such flag"});
}

TEST(together, settings_that_need_each_other) {
  EXPECT_EQ(of_file("tls: {cert_file: a}").problems.size(), 1u);
  EXPECT_EQ(of_file("role: slave").problems.size(), 2u);
  EXPECT_EQ(of_file("features: {webrtc: {turn_servers: [{url: turn:a}]}}").problems.size(), 1u);
  EXPECT_TRUE(of_file("features: {webrtc: {turn_servers: [{url: turn:a}]}}\nturn: {secret: x}")
                  .problems.empty());
  EXPECT_EQ(of_file("features: {webrtc: {ice_transport_policy: relay}}").warnings.size(), 1u);
}

struct bad_secret {
  const char* variable;
  std::string value;
};

TEST(secrets, weak_ones_and_samples_are_refused_without_dev) {
  const bad_secret table[] = {{"JWT_SECRET", "mayday-super-secret-jwt-key-2024-secure"},
                              {"JWT_SECRET", good_secret.substr(1)},
                              {"JWT_SECRET", std::string(64, 'a')},
                              {"JWT_SECRET", "your-jwt-token-goes-here-0123456789"},
                              {"AMI_SECRET", "amp111"},
                              {"TURN_SECRET", "north"},
                              {"TURN_SECRET", "webrtc123"},
                              {"ADMIN_PASSWORD", "password"},
                              {"ADMIN_PASSWORD", "Password"},
                              {"ADMIN_PASSWORD", "short"}};
  for (const auto& row : table) {
    const auto l = production({{row.variable, row.value}});
    ASSERT_EQ(l.problems.size(), 1u) << row.variable << "=" << row.value;
    EXPECT_NE(l.problems[0].find(std::string{"("} + row.variable + ")"), std::string::npos)
        << l.problems[0];
    EXPECT_TRUE(row.value.size() < 12 || l.problems[0].find(row.value) == std::string::npos)
        << "the secret itself is not told";
  }
  EXPECT_EQ(
      production(
          {{"TURN_SERVER", "turn:a"}, {"TURN_USERNAME", "webrtc"}, {"TURN_PASSWORD", "webrtc123"}})
          .problems.size(),
      1u);
}

TEST(secrets, lan_refuses_a_weak_password_too) {
  for (const auto* weak : {"password", "short"}) {
    input in{.dev = true, .environment = {{"ADMIN_PASSWORD", weak}}};
    EXPECT_TRUE(load(in).problems.empty()) << "nobody else can reach it";
    in.lan = true;
    EXPECT_EQ(load(in).problems.size(), 1u) << weak;
  }
}

TEST(secrets, none_has_a_default_without_dev) {
  const auto l = load({});
  ASSERT_EQ(l.problems.size(), 1u);
  EXPECT_NE(l.problems[0].find("JWT_SECRET"), std::string::npos);
  EXPECT_TRUE(production({}).problems.empty());
  EXPECT_FALSE(production({}).values.tokenless);
}

TEST(valid, throws_every_problem_in_one_text) {
  try {
    valid(of_file("port: x\nrole: y\n"));
    FAIL();
  } catch (const config_error& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("config.yml:1"), std::string::npos);
    EXPECT_NE(text.find("config.yml:2"), std::string::npos);
  }
}

TEST(listen, dev_without_lan_stays_on_this_machine) {
  for (const auto* at : {"0.0.0.0", "::", "192.168.1.4:8080", "pbx.example"}) {
    input in{.dev = true, .flags = {{"--listen", at}}};
    EXPECT_EQ(load(in).problems.size(), 1u) << at;
    in.lan = true;
    EXPECT_TRUE(load(in).problems.empty()) << at;
  }
  for (const auto* at : {"127.0.0.2:80", "localhost", "[::1]:8080", ""})
    EXPECT_TRUE(load({.dev = true, .flags = {{"--listen", at}}}).problems.empty()) << at;
}

TEST(file, a_folder_is_no_file) {
  EXPECT_THROW(read_text("/tmp"), config_error);
  EXPECT_THROW(read_text("/tmp/there/is/no/such/file"), config_error);
  EXPECT_EQ(read_text("/dev/null"), "");
}

TEST(listen, addresses_come_from_the_list_or_the_mode) {
  using all = std::vector<listen_address>;
  EXPECT_EQ(listen_addresses(load({.dev = true}).values), (all{{"127.0.0.1", 8080}}));
  EXPECT_EQ(listen_addresses(load({.dev = true, .lan = true}).values), (all{{"0.0.0.0", 8080}}));
  EXPECT_EQ(listen_addresses(production({}).values), (all{{"0.0.0.0", 8080}}));
  EXPECT_EQ(listen_addresses(
                of_file("port: 9\nlisten: [a.example, \"[::1]:8\", \"::1\", 1.2.3.4:7]").values),
            (all{{"a.example", 9}, {"::1", 8}, {"::1", 9}, {"1.2.3.4", 7}}));
  for (const auto* bad : {"", ":80", "a:b", "x:80:", "a:99999", "[::1", "http://a"})
    EXPECT_EQ(load({.dev = true, .lan = true, .flags = {{"--listen", std::string{"x,"} + bad}}})
                  .problems.size(),
              *bad == '\0' ? 0u : 1u)
        << bad;
}

} // namespace
} // namespace strowger::config
