#include "actors/head_connection.hpp"

#include <future>
#include <utility>

#include "actors/client_actor.hpp"

namespace fabric::actors {

struct head_connection::parts {
  runtime* process = nullptr;
  client_actor client;
};

head_connection::head_connection(runtime& process, head_address where, duration patience)
    : parts_(std::make_unique<parts>()) {
  parts_->process = &process;
  parts_->client = spawn_client(process.actors(), {.head = std::move(where), .patience = patience},
                                process.loop(), process.router());
}

head_connection::~head_connection() {
  caf::anon_send(parts_->client, hang_up{});
  caf::scoped_actor self{parts_->process->actors()};
  self->send_exit(parts_->client, caf::exit_reason::user_shutdown);
  self->wait_for(parts_->client);
}

void head_connection::call(transport::message body, callback done, duration timeout) {
  caf::anon_send(parts_->client, actors::call{std::move(body), timeout, std::move(done)});
}

result<transport::message> head_connection::call(transport::message body, duration timeout) {
  auto answered = std::make_shared<std::promise<result<transport::message>>>();
  auto answer = answered->get_future();
  call(
      std::move(body),
      [answered](result<transport::message> what) { answered->set_value(std::move(what)); },
      timeout);
  return answer.get();
}

result<std::string> head_connection::ask(const std::string& topic, const std::string& arguments,
                                         duration timeout) {
  auto got = call(transport::ask{{}, topic, arguments}, timeout);
  if (!got) return std::move(got).error();
  if (auto* answer = std::get_if<transport::answer>(&*got)) return std::move(answer->body);
  return fault{fault_code::unsupported, "the head answered '" + topic + "' with another message",
               "use a fabricd of the head's version"};
}

void head_connection::listen(std::function<void(const transport::message&)> hear) {
  caf::anon_send(parts_->client, listen_to{std::move(hear)});
}

}  // namespace fabric::actors
