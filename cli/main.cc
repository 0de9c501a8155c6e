// strowger: the list of commands.
#include "cli/commands.hpp"
#include "config/options.hpp"
#include "config/print.hpp"
#include "storage/storage_error.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace {

using namespace strowger;

// One flag per option of the declared table that has one; a flag without a value means `true`.
struct table_flags {
  std::map<std::string, std::string> text;
  std::map<std::string, bool> on;

  void add_to(CLI::App& app) {
    for (const auto& o : config::options()) {
      if (o.flag.empty()) continue;
      const std::string name{o.flag};
      if (std::holds_alternative<bool config::settings::*>(o.where))
        app.add_flag(name, on[name], std::string{o.sentence});
      else
        app.add_option(name, text[name], std::string{o.sentence});
    }
  }
  std::vector<std::pair<std::string, std::string>> given(const CLI::App& app) const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [name, value] : text)
      if (app.count(name) > 0) out.emplace_back(name, value);
    for (const auto& [name, value] : on)
      if (app.count(name) > 0) out.emplace_back(name, value ? "true" : "false");
    return out;
  }
};

struct settings_flags {
  std::string file;
  bool dev = false, lan = false;
  table_flags table;

  void add_to(CLI::App& app) {
    app.add_option("--config", file, "YAML file with settings");
    app.add_flag("--dev", dev, "loopback only, sample agents, no secrets needed");
    app.add_flag("--lan", lan, "with --dev: all interfaces, own certificate, random password");
    table.add_to(app);
  }
  config::loaded load(const CLI::App& app) const {
    config::input in;
    in.dev = dev;
    in.lan = lan;
    in.environment = config::take_environment();
    in.flags = table.given(app);
    if (!file.empty()) {
      in.file_name = file;
      in.file_text = config::read_text(file);
    }
    return config::load(in);
  }
};

int run_config(const std::string& what, const config::loaded& l) {
  if (what == "default") {
    std::cout << config::example_file();
    return cli::exit_ok;
  }
  std::cout << (what == "show" ? config::show_text(l) : config::check_text(l));
  return l.problems.empty() ? cli::exit_ok : cli::exit_config;
}

std::string data_dir_of(const std::string& given) {
  if (!given.empty()) return given;
  return config::load({}).values.data_dir;
}

void add_events(CLI::App& app, cli::events_options& o, int& code) {
  auto* events = app.add_subcommand("events", "print the log as JSON lines");
  events->add_option("--data", o.data_dir, "data folder");
  events->add_option("--stream", o.stream, "id of one stream");
  events->add_option("--kind", o.kind, "agent, extension, session, call, license");
  events->add_option("--tenant", o.tenant);
  events->add_option("--tag", o.tag, "event tag, e.g. call.answered.v1");
  events->add_option("--call", o.call, "everything that belongs to one call");
  events->add_option("--since", o.since, "RFC 3339");
  events->add_option("--until", o.until, "RFC 3339");
  events->add_option("--from", o.from, "first log position");
  events->add_option("--to", o.to, "last log position");
  events->add_flag("--reveal", o.reveal, "show personal fields in plain");
  events->callback([&o, &code] {
    o.data_dir = data_dir_of(o.data_dir);
    code = cli::events(o);
  });
}

void add_doctor(CLI::App& app, cli::doctor_options& o, int& code) {
  auto* doctor = app.add_subcommand("doctor", "check a running server step by step");
  doctor->add_option("--url", o.url, "the server, as browsers reach it");
  doctor->add_option("--username", o.username, "an agent to sign in as");
  doctor->add_option("--password", o.password)->envname("STROWGER_PASSWORD");
  doctor->add_option("--token", o.token, "instead of a sign-in")->envname("STROWGER_TOKEN");
  doctor->add_option("--ca", o.ca_file, "PEM file with certificates to trust too");
  doctor->add_flag("--insecure", o.insecure, "go on with an untrusted certificate");
  auto* doctor_call = doctor->add_subcommand("call", "say why a call would fail");
  doctor_call->add_option("from", o.from)->required();
  doctor_call->add_option("to", o.to)->required();
  doctor_call->fallthrough();
  doctor->callback([&o, &code] { code = cli::doctor(o); });
}

void add_server_flags(CLI::App& app, cli::license_options& o) {
  app.add_option("--server", o.server, "a running server");
  app.add_option("--username", o.username, "an admin to sign in as");
  app.add_option("--password", o.password)->envname("STROWGER_PASSWORD");
  app.add_option("--token", o.token, "instead of a sign-in")->envname("STROWGER_TOKEN");
  app.add_option("--ca", o.ca_file, "PEM file with certificates to trust too");
  app.add_flag("--insecure", o.insecure, "plain HTTP or an untrusted certificate will do");
}

void add_license(CLI::App& app, cli::license_options& o, int& code) {
  auto* license = app.add_subcommand("license", "issue, show, verify and revoke licenses");
  license->require_subcommand(1);
  const auto add = [&](const char* what, const char* sentence) {
    auto* sub = license->add_subcommand(what, sentence);
    sub->callback([&o, &code, what] {
      o.what = what;
      code = cli::license(o);
    });
    return sub;
  };
  auto* issue = add("issue", "a new license; prints it with its key");
  add_server_flags(*issue, o);
  issue->add_option("--organization", o.organization)->required();
  issue->add_option("--plan", o.plan);
  issue->add_option("--max-users", o.max_users)->required();
  issue->add_option("--webrtc-max-users", o.webrtc_max_users, "seats, at most --max-users");
  issue->add_option("--sessions-per-user", o.sessions_per_user, "0: no limit");
  issue->add_option("--overdraft", o.overdraft, "seats of a slave that is cut off");
  issue->add_option("--feature", o.features, "e.g. webrtc_extension; may be repeated");
  issue->add_option("--starts-at", o.starts_at, "RFC 3339");
  issue->add_option("--expires-at", o.expires_at, "RFC 3339");
  auto* show = add("show", "one license as JSON, or all of them, one a line");
  add_server_flags(*show, o);
  show->add_option("id", o.id, "`current`: the one in force");
  auto* revoke = add("revoke", "for good: every seat is void");
  add_server_flags(*revoke, o);
  revoke->add_option("id", o.id)->required();
  auto* verify = add("verify", "check a signed license offline");
  verify->add_option("file", o.file)->required();
  verify->add_option("--key", o.key_file, "the master's public key (PEM)")->required();
}

int run(int argc, char** argv) {
  CLI::App app{"Strowger: an event-sourced call server for browser telephony"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string{STROWGER_VERSION});
  int code = cli::exit_ok;

  auto* serve = app.add_subcommand("serve", "run the server");
  settings_flags serve_flags;
  serve_flags.add_to(*serve);
  serve->callback([&] {
    const auto loaded = serve_flags.load(*serve);
    code = cli::serve(config::valid(loaded), loaded);
  });

  auto* config_command = app.add_subcommand("config", "look at the settings");
  config_command->require_subcommand(1);
  std::map<std::string, settings_flags> config_flags;
  for (const auto* what : {"check", "show", "default"}) {
    auto* sub = config_command->add_subcommand(what);
    auto& flags = config_flags[what];
    flags.add_to(*sub);
    sub->callback([&, sub, what] { code = run_config(what, flags.load(*sub)); });
  }

  auto* replay = app.add_subcommand("replay", "fold the whole log again and compare");
  cli::replay_options replay_options;
  replay->add_option("--data", replay_options.data_dir, "data folder");
  replay->add_flag("--quiet", replay_options.quiet, "no progress");
  replay->callback([&] {
    replay_options.data_dir = data_dir_of(replay_options.data_dir);
    code = cli::replay(replay_options);
  });

  cli::events_options event_options;
  add_events(app, event_options, code);

  cli::doctor_options doctor_options;
  add_doctor(app, doctor_options, code);

  cli::license_options license_options;
  add_license(app, license_options, code);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int shown = app.exit(error);
    return shown == 0 ? cli::exit_ok : cli::exit_usage;
  }
  return code;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const strowger::config::config_error& error) {
    std::cerr << error.what() << '\n';
    return strowger::cli::exit_config;
  } catch (const strowger::storage::storage_error& error) {
    std::cerr << "strowger: " << error.what() << '\n';
    return strowger::cli::exit_storage;
  } catch (const std::exception& error) {
    std::cerr << "strowger: " << error.what() << '\n';
    return strowger::cli::exit_software;
  }
}
