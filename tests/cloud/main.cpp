// loopback-cloud - Google's services on loopback, for tests.
//
//   loopback-cloud --port-file FILE [OPTION]...
//
// Serves until it is sent SIGTERM. Not installed.
#include <csignal>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/io/input.h"
#include "lib/io/output.h"
#include "tests/cloud/firestore.h"
#include "tests/cloud/identity.h"
#include "tests/cloud/server.h"
#include "tests/cloud/storage.h"

int main(int argc, char** argv) {
  return mill::run("loopback-cloud", [&](mill::Program& program) {
    std::uint64_t port = 0;
    std::optional<std::string> port_file;
    std::optional<std::string> log_file;
    std::optional<std::string> users_file;
    std::optional<std::string> indexes, signer;
    std::string bucket = "test-bucket";
    std::optional<std::string> storage_dump;
    std::string faults;
    cloud::FaultPlan plan;
    mill::CommandLine line(program,
                           "Serve Google's services on loopback, for tests.");
    line.option("port", "N", "listen on this port; 0: any free one", &port);
    line.option("port-file", "FILE", "write the port to FILE", &port_file);
    line.option("log", "FILE", "append a line for each request", &log_file);
    line.option("users", "FILE",
                "users of Identity Toolkit, each a line as accounts:lookup "
                "shows it",
                &users_file);
    line.option("fault-rate", "X", "the part of requests that meet a fault",
                &plan.rate);
    line.option("fault-at", "N", "request N meets a fault, and no other",
                &plan.at);
    line.option("faults", "A,B", "only these faults (default all)", &faults);
    line.option("seed", "N", "the seed of the draw of faults", &plan.seed);
    line.option("bucket", "NAME", "a bucket that is there", &bucket);
    line.option("storage-dump", "FOLDER",
                "at the end, write all objects to FOLDER", &storage_dump);
    line.option("firestore-indexes", "FILE",
                "ask for the indexes that FILE has, as Firestore does",
                &indexes);
    line.option("signer", "EMAIL=FILE",
                "take links that are signed with the key in FILE, and sign for "
                "EMAIL, as IAM does",
                &signer);
    line.parse(argc, argv);
    plan.names = mill::split_at_commas(faults);

    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);

    cloud::Identity identity;
    if (users_file) {
      std::ifstream users(*users_file);
      for (std::string user; std::getline(users, user);)
        identity.add_user(user);
    }
    cloud::Firestore firestore;
    if (indexes) firestore.require_indexes(*indexes);
    cloud::Storage storage;
    storage.add_bucket(bucket);

    if (signer) {
      const std::string email = signer->substr(0, signer->find('='));
      const std::string key = mill::read_all(signer->substr(email.size() + 1));
      storage.add_signer(email, cloud::public_key_of(key));
      identity.add_signer(email, key);
      identity.add_key(email, cloud::public_key_of(key));
    }

    std::ofstream log;
    std::mutex log_mutex;
    cloud::Server server;  // the first to go
    identity.add_routes(server);
    firestore.add_routes(server);
    storage.add_routes(server);
    if (log_file) {
      log.open(*log_file, std::ios::app);
      server.set_log([&](const std::string& text) {
        const std::lock_guard lock(log_mutex);
        log << text << std::endl;
      });
    }
    server.set_faults(std::move(plan));
    server.listen(static_cast<int>(port));
    if (port_file) {
      mill::AtomicFile file(*port_file);
      file.write(std::to_string(server.port()) + "\n");
      file.commit();
    }
    int signal = 0;
    sigwait(&stop, &signal);
    if (storage_dump) storage.dump(*storage_dump);
    return EX_OK;
  });
}
