// After an erasure nothing of the person is on the disk: every file of the data directory is searched, row by row.
#include "api/mail/outbox.h"
#include "tests/api/signed_in.h"
#include "tests/eventstore/stored_bytes.h"
#include "tests/eventstore/table_contract.h"

#include <barrier>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
namespace fs = std::filesystem;

const Headers csv{{"Content-Type", "text/csv"}};

// All of Muster on a directory, with an outbox; mails are sent by hand.
struct OnDisk {
    OnDisk() : api(false) {
        start();
        auto made =
            api.post("/v1/workspaces",
                     R"({"name":"S","slug":"spring","owner":{"email":"owner@s.example","name":"Olive Owner"}})");
        REQUIRE(made.status == 201);
        spring = made.text("/id");
        mail();  // the owner's welcome, which no test is about
        fs::remove_all(data() + "/outbox");
    }
    void start() {
        api.system.reset();
        SystemOptions options;
        options.directory = data();
        options.operator_key = api.token_of_operator;
        options.public_url = "https://muster.example";
        options.clock = &api.clock;
        options.mail.mailer = std::make_shared<mail::Outbox>(data() + "/outbox");
        options.mail.from = "muster@muster.example";
        options.mail.by_hand = true;
        api.system = std::make_unique<System>(std::move(options));
        await_pool();
    }
    // A start clears on the pool what a crash left: once all of its threads meet here, that is over.
    void await_pool() {
        auto meeting = std::make_shared<std::barrier<>>(limits::pool_threads + 1);
        for (std::size_t i = 0; i < limits::pool_threads; ++i)
            REQUIRE(api.system->service().pool.post([meeting] { meeting->arrive_and_wait(); }));
        meeting->arrive_and_wait();
    }
    [[nodiscard]] std::string data() const { return scratch / "data"; }
    void mail() { api.system->mails()->catch_up(); }
    // Everything that is in memory is written down, as a long-running server does in time.
    void settle() {
        auto& system = *api.system;
        for (const auto& each : system.runner().standings())
            REQUIRE(system.runner().wait(each.name, system.store().log->head(), std::chrono::seconds(20)));
        api.system.reset();
        start();
    }
    [[nodiscard]] std::vector<std::string> with(const std::vector<std::string>& words) const {
        return files_with(data(), words);
    }
    [[nodiscard]] std::vector<std::string> mails() const {
        std::vector<std::string> names;
        if (fs::exists(data() + "/outbox"))
            for (const auto& file : fs::directory_iterator(data() + "/outbox")) names.push_back(file.path().filename());
        return names;
    }
    std::string row_of_import(const std::string& id, int row) {
        return api.get("/imports/" + id).text("/rows/" + std::to_string(row) + "/email");
    }
    Scratch scratch;
    Api api;
    std::string spring;
};

// As typed, canonical, folded and as sorted; each is in some file as long as Grace is here.
const std::vector<std::string> grace_words{"Grace.Hopper@Navy.example",
                                           "grace.hopper@navy.example",
                                           "Grace Brewster",
                                           "brewster",
                                           "Rear Admiral",
                                           "admiral",
                                           "+1 555 1906"};

std::string with_grace(OnDisk& disk) {
    auto& api = disk.api;
    auto made = api.post("/invitations",
                         R"({"email":"Grace.Hopper@Navy.example","name":"Grace Brewster","job_title":"Rear Admiral"})");
    REQUIRE(made.status == 201);
    disk.mail();
    auto member = api.accept(made.text("/id"));
    REQUIRE(api.patch("/members/" + member, R"({"phone":"+1 555 1906"})").status == 200);
    REQUIRE(
        api.post("/v1/auth/password/forgot", R"({"workspace":"spring","email":"grace.hopper@navy.example"})").status ==
        202);
    REQUIRE(api.post("/imports", "email,name\nzoe@navy.example,Zoe\ngrace.hopper@navy.example,Grace Brewster\n", csv)
                .status == 201);
    disk.mail();
    return member;
}

std::vector<std::string> words_found(const std::vector<std::string>& files, const std::vector<std::string>& words) {
    std::vector<std::string> found;
    for (const auto& word : words)
        for (const auto& file : files)
            if (file.ends_with(": " + word)) {
                found.push_back(word);
                break;
            }
    return found;
}

}  // namespace

TEST_CASE("nothing of a deleted member is on the disk: address, name, phone, title, in every form, N7") {
    OnDisk disk;
    auto& api = disk.api;
    auto member = with_grace(disk);
    disk.settle();
    CHECK(words_found(disk.with(grace_words), grace_words) == grace_words);  // the search finds what is there
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    api.system->tidy();
    CHECK(disk.with(grace_words).empty());
    disk.settle();
    CHECK(disk.with(grace_words).empty());
    CHECK(disk.with({"Olive Owner"}) != std::vector<std::string>{});  // others stay
    CHECK(api.get("/audit/verify").text("/intact") == "true");
}

TEST_CASE("nor where theirs were the first and the last words of all, which a table's own records name, N7") {
    OnDisk disk;
    auto& api = disk.api;
    const std::vector<std::string> words{"zyzzyva", "zyx@zz.example"};
    auto member = api.member("zyx@zz.example", R"("name":"Zyx Zyzzyva")");
    disk.settle();
    CHECK(disk.with(words) != std::vector<std::string>{});
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    api.system->tidy();
    CHECK(disk.with(words).empty());
}

TEST_CASE("what imports and the outbox say of a deleted member is gone with the 2xx; others' rows and mails stay, N7") {
    OnDisk disk;
    auto& api = disk.api;
    auto member = with_grace(disk);
    api.invite("zoe@s.example");
    disk.mail();
    CHECK(disk.mails().size() >= 2);
    auto file =
        api.post("/imports", "email,name\nyan@navy.example,Yan\nGRACE.HOPPER@navy.example,Grace\n", csv).text("/id");
    CHECK(disk.row_of_import(file, 1) == "GRACE.HOPPER@navy.example");
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    CHECK(disk.row_of_import(file, 0) == "yan@navy.example");
    CHECK_THAT(disk.row_of_import(file, 1), !Contains("@"));
    auto preview = api.get("/imports/" + file);
    CHECK_THAT(preview.body, !Contains("race"));
    CHECK(preview.number("/summary/valid") == 1);
    CHECK(preview.number("/summary/seats/0/needed") == 1);
    CHECK(disk.mails().size() == 1);  // zoe's
    CHECK(api.post("/imports/" + file + "/send", R"({"skip_invalid":true})").status == 202);
}

TEST_CASE("who comes later with an erased person's address is somebody else: their mail and their row stay, N7") {
    OnDisk disk;
    auto& api = disk.api;
    auto member = with_grace(disk);
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    api.invite("grace.hopper@navy.example");
    disk.mail();
    auto mails = disk.mails();
    CHECK(mails.size() == 1);
    auto file = api.post("/imports", "email,name\ngrace.hopper@navy.example,Grace\n", csv).text("/id");
    disk.start();
    CHECK(disk.mails() == mails);
    CHECK(disk.row_of_import(file, 0) == "grace.hopper@navy.example");
}

TEST_CASE(
    "a row of an import whose cells stand in wrong columns, and why it was not sent, says nothing of them after, N7") {
    OnDisk disk;
    auto& api = disk.api;
    auto member = with_grace(disk);
    auto file = "/imports/" + api.post("/imports",
                                       "email,name,team\nyan@navy.example,Yan,\nzed@navy.example,"
                                       "<grace.hopper@navy.example>;,Grace Brewster\n",
                                       csv)
                                  .text("/id");
    REQUIRE(api.post(file + "/send", R"({"skip_invalid":true})").status == 202);
    while (api.get(file + "?rows=none").text("/status") != "done") std::this_thread::yield();
    REQUIRE_THAT(api.get(file).text("/rows/1/problem"), Contains("Grace Brewster"));
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    auto row = api.get(file).text("/rows/1");
    CHECK_THAT(row, !Contains("Grace") && !Contains("zed"));
    CHECK_THAT(row, Contains("was erased"));
}

TEST_CASE("mails that an erased member sent, or got about others, are gone from the outbox with the 2xx, N7") {
    OnDisk disk;
    auto& api = disk.api;
    Person grace(api, "grace.hopper@navy.example", R"("name":"Grace Brewster","role":"admin")");
    REQUIRE(api.post("/invitations", R"({"email":"yan@s.example"})", grace.by()).status == 201);
    REQUIRE(api.post("/members", R"({"email":"zoe@s.example","name":"Zoe"})", grace.by()).status == 201);
    api.request("kay@mauchly.example", R"("name":"Kay")");  // to all admins
    api.invite("otto@s.example");
    disk.mail();
    const auto written = [&] { return files_with(disk.data() + "/outbox", {"Grace Brewster", "hopper@navy"}); };
    CHECK(written().size() >= 4);
    REQUIRE(api.remove("/members/" + grace.id + "?confirm=" + grace.id).status == 200);
    CHECK(written().empty());
    CHECK(disk.mails().size() == 1);  // otto's
}

TEST_CASE("nor is what a row of an import was before it was sent, nor how they signed in, though it is sealed, N7") {
    OnDisk disk;
    auto& api = disk.api;
    std::vector<std::string> sealed;
    auto keep = [&](const SealedRows& rows, VaultFamily family, const std::string& word) {
        auto raw = rows.snapshot();
        for (const auto& key : rows.keys(""))
            if (rows.get(key)->contains(word)) sealed.push_back(*raw->get(static_cast<Family>(family), key));
    };
    auto import = "/imports/" + api.post("/imports", "email\ngrace.hopper@navy.example\n", csv).text("/id");
    keep(api.system->store().vault->drafts(), VaultFamily::drafts, "grace.hopper");
    REQUIRE(sealed.size() == 1);
    disk.settle();
    CHECK_FALSE(disk.with(sealed).empty());
    REQUIRE(api.post(import + "/send").status == 202);
    for (int waited = 0; api.get(import).text("/status") == "sending" && waited < 1000; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    auto member = api.accept(api.get(import).text("/rows/0/id"));
    const auto passwords = api.system->store().vault->passwords();
    while (passwords.keys("").size() > 1) std::this_thread::yield();  // what says that one is being chosen goes after
    keep(passwords, VaultFamily::passwords, "");
    keep(api.system->store().vault->sessions(), VaultFamily::sessions, "");
    REQUIRE(sealed.size() == 3);
    disk.settle();
    CHECK(disk.with(sealed).size() >= 3);
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    CHECK(disk.with(sealed).empty());
}

TEST_CASE(
    "a mail of a history that was given up goes with who is in it, and one that was half written at the start, N7") {
    OnDisk disk;
    auto& api = disk.api;
    auto member = with_grace(disk);
    const auto others = disk.data() + "/outbox/evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ.eml";
    const auto half = disk.data() + "/outbox/" + disk.mails().front() + ".new";
    std::ofstream(others) << "Muster-Person: " << member << "\r\nTo: Grace.Hopper@Navy.example\r\n";
    std::ofstream(half) << "Muster-Person: " << member << "\r\nTo: Grace.Hop";
    disk.start();
    CHECK_FALSE(fs::exists(half));
    CHECK(fs::exists(others));
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    CHECK_FALSE(fs::exists(others));
}

TEST_CASE("a mail that a crash left without its outcome, and whose reader was erased meanwhile, goes with that, N7") {
    OnDisk disk;
    auto& api = disk.api;
    auto invitation = api.invite("grace.hopper@navy.example");
    const auto cause = api.get("/audit?type=member_invited").text("/items/0/id");
    REQUIRE(api.post("/invitations/" + invitation + "/revoke").status == 200);
    REQUIRE(api.post("/people:erase", R"({"email":"grace.hopper@navy.example"})").status == 200);
    fs::create_directories(disk.data() + "/outbox");
    const auto file = disk.data() + "/outbox/" + cause + ".eml";
    std::ofstream(file) << "To: grace.hopper@navy.example\r\n";
    disk.mail();  // it is overtaken: nothing is sent
    REQUIRE(api.get("/audit?type=mail_failed").size("/items") == 1);
    api.system->tidy();
    CHECK_FALSE(fs::exists(file));
}

TEST_CASE("nothing of somebody with only a dead invitation and a request is on the disk, N7") {
    OnDisk disk;
    auto& api = disk.api;
    const std::vector<std::string> words{"kay@mauchly.example", "Kathleen Mauchly", "let me program"};
    REQUIRE(api.post("/invitations/" + api.invite("Kay@mauchly.example", R"("name":"Kathleen Mauchly")") + "/revoke")
                .status == 200);
    api.request("kay@mauchly.example", R"("name":"Kathleen Mauchly","message":"let me program")");
    disk.mail();
    disk.settle();
    CHECK(disk.with(words) != std::vector<std::string>{});
    CHECK(disk.mails().size() == 1);  // of the request, to the owner
    REQUIRE(api.post("/people:erase", R"({"email":"kay@mauchly.example"})").status == 200);
    api.system->tidy();
    CHECK(disk.with(words).empty());
    CHECK(disk.mails().empty());
}

TEST_CASE("nothing of anybody in a deleted workspace is on the disk, and those of another stay, N7") {
    OnDisk disk;
    auto& api = disk.api;
    with_grace(disk);
    REQUIRE(
        api.post("/v1/workspaces", R"({"name":"W","slug":"winter","owner":{"email":"otto@w.example","name":"Otto"}})")
            .status == 201);
    disk.mail();
    disk.settle();
    auto words = grace_words;
    words.insert(words.end(), {"zoe@navy.example", "owner@s.example", "Olive Owner"});
    CHECK(words_found(disk.with(words), grace_words) == grace_words);
    REQUIRE(api.remove("/v1/workspaces/" + disk.spring + "?confirm=" + disk.spring).status == 200);
    api.system->tidy();
    CHECK(disk.with(words).empty());
    CHECK(disk.with({"otto@w.example"}) != std::vector<std::string>{});
    disk.settle();
    CHECK(disk.with(words).empty());
}

TEST_CASE("what a crash left of an erased person is cleared at the next start, N7") {
    OnDisk disk;
    auto& api = disk.api;
    auto member = with_grace(disk);
    disk.settle();
    {
        // The command and the key alone, as where the server died then.
        auto& service = api.system->service();
        auto grace = service.directory.membership_anywhere(*MemberId::parse(member));
        Command command;
        command.workspace = grace->workspace;
        command.actor.kind = ActorKind::operator_;
        command.target = stream_of(grace->id);
        command.whole_person = true;
        command.decide = [member](const Loaded& loaded, const Context& context) {
            return decide(*loaded.membership, *loaded.workspace, DeleteMember{member, {}}, context);
        };
        const auto deleted = service.execute.run_and_wait(std::move(command));
        REQUIRE(deleted);
        service.eraser.erase(grace->workspace, grace->id);
    }
    CHECK_FALSE(disk.mails().empty());
    disk.start();
    CHECK(disk.mails().empty());
    CHECK(disk.with(grace_words).empty());
}

}  // namespace muster::test
