#include "tools/settings.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <toml++/toml.h>
#include <vector>

namespace muster::tools {
namespace {

using Names = std::vector<std::string>;

const CLI::Option* setting(const CLI::App& command, const std::string& name) {
    return command.get_option_no_throw("--" + name);
}

bool begins_with(const Names& names, const Names& first) {
    return first.size() <= names.size() && std::equal(first.begin(), first.end(), names.begin());
}

// Whether any command at or below this one, within that section, has such a setting.
bool is_known(const CLI::App& command, const Names& path, const Names& section, const std::string& name) {
    if (!path.empty() && begins_with(path, section) && setting(command, name)) return true;
    const auto below = command.get_subcommands([](const CLI::App*) { return true; });
    return std::any_of(below.begin(), below.end(), [&](const CLI::App* each) {
        auto further = path;
        further.push_back(each->get_name());
        return is_known(*each, further, section, name);
    });
}

bool is_in_environment(const CLI::Option& option) {
    const char* value = option.get_envname().empty() ? nullptr : std::getenv(option.get_envname().c_str());
    return value && *value != '\0';
}

// Hands on what the command that is run takes from the file. The library would let a file win over the environment.
class SettingsFile final : public CLI::ConfigBase {
public:
    explicit SettingsFile(const CLI::App& program) : program_(program) {}

    [[nodiscard]] std::vector<CLI::ConfigItem> from_config(std::istream& file) const override {
        Names path;
        const auto* command = &program_;
        for (auto below = command->get_subcommands(); !below.empty(); below = command->get_subcommands()) {
            command = below.front();
            path.push_back(command->get_name());
        }
        // The library takes what is no TOML too, an open quote for one.
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        try {
            static_cast<void>(toml::parse(text));
        } catch (const toml::parse_error& error) {
            throw CLI::ConfigError("--config: line " + std::to_string(error.source().begin.line) +
                                   " is no TOML, like data = \"/var/lib/muster\": " + std::string(error.description()));
        }
        std::istringstream settings(text);
        std::vector<CLI::ConfigItem> taken;
        for (auto& item : CLI::ConfigBase::from_config(settings)) {
            if (item.name == "++" || item.name == "--") continue;  // where a section begins and ends
            std::replace(item.name.begin(), item.name.end(), '_', '-');
            const auto* option = begins_with(path, item.parents) ? setting(*command, item.name) : nullptr;
            if (!option && !is_known(program_, {}, item.parents, item.name))
                throw CLI::ConfigError("--config: no command has a setting `" + item.fullname() +
                                       "`; `muster COMMAND --help` names them");
            if (!option || is_in_environment(*option)) continue;
            item.parents = path;
            taken.push_back(std::move(item));
        }
        return taken;
    }

private:
    const CLI::App& program_;
};

// So that `--config` may stand behind the command's name too.
void let_fall_through(CLI::App& command) {
    for (auto* each : command.get_subcommands([](CLI::App*) { return true; })) {
        each->fallthrough();
        if (each->get_footer().empty())
            each->footer("--config FILE: settings that neither flags nor the environment give, as TOML");
        let_fall_through(*each);
    }
}

}  // namespace

void take_settings_from_file(CLI::App& program) {
    program.set_config("--config", "", "A TOML file with settings; flags and the environment win over it");
    program.config_formatter(std::make_shared<SettingsFile>(program));
    let_fall_through(program);
}

}  // namespace muster::tools
