#pragma once
// Where the settings of a command come from: its flags, else the environment, else the TOML file that `--config` names.

namespace CLI {
class App;
}

namespace muster::tools {

// To be called when all subcommands are there. In the file a setting stands under its command's name (`[serve]`,
// `[audit.export]`, `[audit]` for all below it), or at the top, for every command that has one of that name. What no
// command knows is refused: it may be a misspelt setting.
void take_settings_from_file(CLI::App& program);

}  // namespace muster::tools
