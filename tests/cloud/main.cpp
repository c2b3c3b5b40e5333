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

#include "lib/cli.h"
#include "lib/output.h"
#include "tests/cloud/server.h"

int main(int argc, char** argv) {
  return mill::run("loopback-cloud", [&](mill::Program& program) {
    std::uint64_t port = 0;
    std::optional<std::string> port_file;
    std::optional<std::string> log_file;
    std::string faults;
    cloud::FaultPlan plan;
    mill::CommandLine line(program.name(),
                           "Serve Google's services on loopback, for tests.");
    line.option("port", "N", "listen on this port; 0: any free one", &port);
    line.option("port-file", "FILE", "write the port to FILE", &port_file);
    line.option("log", "FILE", "append a line for each request", &log_file);
    line.option("fault-rate", "X", "the part of requests that meet a fault",
                &plan.rate);
    line.option("faults", "A,B", "only these faults (default all)", &faults);
    line.option("seed", "N", "the seed of the draw of faults", &plan.seed);
    line.parse(argc, argv);
    plan.names = mill::split_at_commas(faults);

    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);

    cloud::Server server;
    std::ofstream log;
    std::mutex log_mutex;
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
    return EX_OK;
  });
}
