// muster: one program. Each subcommand stands in a file of its own; this one only names them.
#include "eventstore/table.h"
#include "tools/commands.h"
#include "tools/settings.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <sys/stat.h>

namespace {

// A cut answer is none, whatever the command found.
int told(int result) {
    if (std::cout.flush() && std::cout.good()) return result;
    std::cerr << "muster: the output can't be written\n";
    return muster::tools::failed;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown before a command begins ends the program, and is told
int main(int argc, char** argv) {
    ::umask(S_IRWXG | S_IRWXO);     // what is written is for its owner alone, wherever the data directory lies
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write, like a full disk
    CLI::App program(
        "Muster keeps the membership of workspaces: who is invited, who belongs, what each person may do.");
    program.require_subcommand(1);
    int result = muster::tools::well;
    muster::tools::add_serve(program, result);
    muster::tools::add_audit(program, result);
    muster::tools::add_projections(program, result);
    muster::tools::add_fsck(program, result);
    muster::tools::add_keys(program, result);
    muster::tools::add_backup(program, result);
    muster::tools::add_load(program, result);
    muster::tools::take_settings_from_file(program);
    try {
        program.parse(argc, argv);
        return program.got_subcommand("serve") ? result : told(result);  // a server's answers go elsewhere
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? told(muster::tools::well) : muster::tools::usage;
    } catch (const muster::DamageError& error) {
        std::cerr << "muster: the data is damaged: " << error.what() << "\n";
        return muster::tools::damaged;
    } catch (const std::exception& error) {
        std::cerr << "muster: " << error.what() << "\n";
        return muster::tools::failed;
    }
}
