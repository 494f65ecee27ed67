package com.example.tickets;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

@SpringBootApplication
public class TicketService {
  @Component
  public static class Tickets {
    public String answer(String question, String ticket) {
      return question.length() + " characters";
    }
  }

  @Bean
  CommandLineRunner work(Tickets tickets) {
    return arguments -> System.out.println(tickets.answer("my pods are in CrashLoopBackOff", "T-1"));
  }

  public static void main(String[] arguments) {
    SpringApplication.run(TicketService.class, arguments);
  }
}
