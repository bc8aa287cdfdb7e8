#include "api/mail/outbox.h"

#include "eventstore/anchor.h"
#include "eventstore/table.h"

#include <filesystem>
#include <fstream>
#include <string_view>

namespace muster::mail {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view person_field = "Muster-Person: ";

}  // namespace

Outbox::Outbox(std::string directory) : directory_(std::move(directory)) {
    std::vector<fs::path> unfinished;
    std::error_code none;  // there is no outbox yet
    for (const auto& file : fs::directory_iterator(directory_, none))
        if (file.path().extension() == ".new") unfinished.push_back(file.path());
    for (const auto& path : unfinished) fs::remove(path);
}

Attempt Outbox::send(const Message& message) {
    std::error_code error;
    if (fs::create_directory(directory_, error)) fs::permissions(directory_, fs::perms::owner_all, error);
    std::string bytes;
    for (auto person : message.people) bytes.append(person_field).append(person.text()).append("\r\n");
    const auto path = directory_ + "/" + message.name + ".eml";
    try {
        replace_file(path, bytes + bytes_of(message, Bits::eight));
    } catch (const StorageError&) {
        fs::remove(path + ".new", error);
        return {Result::lost, "the outbox can't be written"};
    }
    return {Result::taken, {}};
}

std::vector<MemberId> people_in(const std::string& path) {
    std::vector<MemberId> people;
    std::ifstream file(path, std::ios::binary);
    for (std::string line; std::getline(file, line) && line.starts_with(person_field);) {
        if (line.ends_with('\r')) line.pop_back();
        if (auto person = MemberId::parse(std::string_view(line).substr(person_field.size())))
            people.push_back(*person);
    }
    return people;
}

}  // namespace muster::mail
