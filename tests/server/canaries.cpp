#include "tests/server/canaries.h"

#include "api/system.h"
#include "api/tokens.h"
#include "eventstore/log_rows.h"
#include "eventstore/rocks_table.h"
#include "eventstore/sealed_rows.h"
#include "eventstore/store.h"
#include "tests/domain/print.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <sstream>
#include <thread>

namespace muster::server {
namespace {

namespace fs = std::filesystem;

std::string hex(std::string_view bytes) {
    std::string text;
    for (char each : bytes) {
        auto byte = static_cast<unsigned char>(each);
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

// Of text that stands anywhere within base64: what does not depend on its neighbours, for each place that it may begin.
std::vector<std::string> within_base64(std::string_view text) {
    std::vector<std::string> forms;
    for (std::size_t before = 0; before < 3; ++before) {
        auto url = base64url(std::string(before, '\0').append(text));
        auto first = (before * 8 + 5) / 6, last = (before + text.size()) * 8 / 6;
        auto form = url.substr(first, last - first);
        auto standard = form;
        std::ranges::replace(standard, '-', '+');
        std::ranges::replace(standard, '_', '/');
        forms.push_back(form);
        if (standard != form) forms.push_back(standard);
    }
    return forms;
}

void add_table(Places& places, const std::string& name, const Reading& table, std::size_t families) {
    for (std::size_t family = 0; family < families; ++family) {
        std::string bytes;
        for (auto row = table.scan(static_cast<Family>(family), ""); row->valid(); row->next())
            bytes.append(row->key()).append("\n").append(row->value()).append("\n");
        places.emplace_back(name + " family " + std::to_string(family), std::move(bytes));
    }
}

void add_sealed(Places& places, const std::string& name, const SealedRows& rows) {
    std::string bytes;
    for (const auto& key : rows.keys("")) bytes += key + "\n" + rows.get(key).value_or("") + "\n";
    places.emplace_back(name, std::move(bytes));
}

}  // namespace

void Canaries::plant(const std::string& what, const std::string& secret) {
    secrets_[what] = secret;
    forms_.emplace(what, secret);
    forms_.emplace(what, hex(secret));
    for (auto& form : within_base64(secret)) forms_.emplace(what, std::move(form));
    const bool of_webhook = secret.starts_with("whsec_");
    if (!of_webhook && (!secret.starts_with("mb") || secret.size() < 4 || secret[3] != '_')) return;
    auto text = secret.substr(secret.find('_') + 1);
    if (of_webhook) {
        std::ranges::replace(text, '+', '-');
        std::ranges::replace(text, '/', '_');
        text.resize(text.find_last_not_of('=') + 1);
    }
    auto bytes = from_base64url(text);
    if (!bytes) return;
    // Ids in front of it are no secret, what was random or signed is.
    forms_.emplace(what, bytes->substr(bytes->size() - 32));
    forms_.emplace(what, hex(std::string_view(*bytes).substr(bytes->size() - 32)));
    forms_.emplace(what, secret.substr(secret.size() - 32));
}

std::set<std::string> Canaries::in(std::string_view bytes) const {
    std::set<std::string> found;
    for (const auto& [what, form] : forms_)
        if (bytes.find(form) != std::string_view::npos) found.insert(what);
    return found;
}

std::string quoted(const std::string& name, const std::string& value) { return "\"" + name + "\":\"" + value + "\""; }

std::string token_in(const std::string& text, const std::string& prefix) {
    auto at = text.find(prefix);
    return at == std::string::npos ? "" : text.substr(at, text.find_first_of("\" \r\n<&;", at) - at);
}

void wait_until(const std::function<bool()>& done) {
    for (int waited = 0; waited < 3000 && !done(); ++waited) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    REQUIRE(done());
}

std::string mailed(const std::string& outbox, const std::string& reader, const std::string& prefix) {
    std::string token;
    wait_until([&] {
        if (!fs::exists(outbox)) return false;
        for (const auto& [name, mail] : files_of(outbox))
            if (name.ends_with(".eml") && mail.find("<" + reader + ">") != std::string::npos && token.empty())
                token = token_in(mail, prefix);
        return !token.empty();
    });
    return token;
}

Places files_of(const std::string& directory) {
    Places places;
    for (const auto& each : fs::recursive_directory_iterator(directory))
        if (each.is_regular_file()) places.emplace_back(each.path().string(), text_of(each.path()));
    return places;
}

Places rows_of(const std::string& data) {
    Places places;
    {
        const RocksShared shared;
        add_table(places, "log", *open_log_table(data + "/log", shared), log_families);
        add_table(places, "vault", *open_vault_table(data + "/vault", shared), vault_families);
        for (const auto& projection : fs::directory_iterator(data + "/views"))
            for (const auto& generation : fs::directory_iterator(projection.path()))
                if (generation.is_directory())
                    add_table(places, generation.path(), *open_views(shared)(generation.path(), false), 1);
    }
    const auto store = open_store(data, {});
    add_sealed(places, "sealed drafts", store.vault->drafts());
    add_sealed(places, "sealed passwords", store.vault->passwords());
    add_sealed(places, "sealed sessions", store.vault->sessions());
    add_sealed(places, "sealed API keys", store.vault->api_keys());
    add_sealed(places, "sealed mails", store.vault->mails());
    add_sealed(places, "sealed webhooks", store.vault->webhooks());
    std::string events;
    for (const auto& each : store.history->after(0, 1'000'000)) events += spec::print(each->event) + "\n";
    places.emplace_back("events", std::move(events));
    return places;
}

std::vector<std::string> lay_out(const std::string& folder, const std::string& directory) {
    std::vector<std::string> paths;
    for (const auto& each : fs::directory_iterator(folder)) {
        if (each.path().extension() != ".backup") continue;
        std::istringstream lines(text_of(each.path()));
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string what, digest, bytes, path;
            words >> what >> digest >> bytes >> path;
            if (what != "file") continue;
            paths.push_back(path);
            fs::create_directories(fs::path(directory + "/" + path).parent_path());
            fs::copy_file(folder + "/files/" + digest, directory + "/" + path, fs::copy_options::overwrite_existing);
        }
    }
    return paths;
}

}  // namespace muster::server
